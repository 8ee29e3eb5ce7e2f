from datetime import UTC, datetime, timedelta

import pytest

from services.sandbox.company.model import Company, Status
from services.sandbox.company.seed import found

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def company() -> Company:
    return found(1, NOW)


def tracker(company: Company, name: str) -> set[str]:
    return {team.key for team in company.teams if team.tracker == name}


def test_the_same_seed_and_time_give_the_same_company(company: Company) -> None:
    assert found(1, NOW) == company


def test_another_seed_gives_another_company(company: Company) -> None:
    assert found(2, NOW).work != company.work


def test_a_later_start_moves_every_date_by_as_much(company: Company) -> None:
    later = found(1, NOW + timedelta(days=3))
    moved = [work.created_at - timedelta(days=3) for work in later.work]
    assert moved == [work.created_at for work in company.work]
    assert [work.title for work in later.work] == [work.title for work in company.work]


def test_there_are_about_two_hundred_pieces_of_work_in_both_vendors(company: Company) -> None:
    for vendor in ("linear", "asana"):
        teams = tracker(company, vendor)
        assert 95 <= sum(work.team in teams for work in company.work) <= 115


@pytest.mark.parametrize("seed", range(1, 6))
def test_many_titles_in_both_vendors_mention_billing(seed: int) -> None:
    company = found(seed, NOW)
    for vendor in ("linear", "asana"):
        teams = tracker(company, vendor)
        work = [each for each in company.work if each.team in teams]
        assert sum("billing" in each.title.lower() for each in work) >= 10


def test_everybody_is_made_up_and_has_an_address_of_their_own(company: Company) -> None:
    addresses = [person.email for person in (*company.people, *company.former)]
    assert len(set(addresses)) == len(addresses)
    assert all(address.endswith("@example.com") for address in addresses)
    assert all(customer.domain.endswith(".example") for customer in company.customers)


def test_work_names_only_what_there_is(company: Company) -> None:
    people = {person.email for person in company.people}
    projects = {project.name: project.team for project in company.projects}
    for work in company.work:
        numbers = {other.number for other in company.work if other.team == work.team}
        assert {work.author, work.assignee or work.author} <= people
        assert {remark.author for remark in work.remarks} <= people
        assert work.project is None or projects[work.project] == work.team
        assert {work.parent, work.blocked_by} <= numbers | {None}
        assert set(work.labels) <= set(company.labels)


def test_nothing_happens_before_it_began_or_in_the_future(company: Company) -> None:
    for work in company.work:
        assert work.created_at <= work.updated_at <= NOW
        for remark in work.remarks:
            assert work.created_at <= remark.at <= work.updated_at


def test_every_status_and_every_lack_occurs_in_both_vendors(company: Company) -> None:
    for vendor in ("linear", "asana"):
        work = [each for each in company.work if each.team in tracker(company, vendor)]
        assert {each.status for each in work} == set(Status)
        for lack in ("assignee", "due_on", "project", "parent", "blocked_by"):
            assert {getattr(each, lack) is None for each in work} == {True, False}, lack
