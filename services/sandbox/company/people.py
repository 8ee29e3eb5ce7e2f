"""Who works at the company, in which team, and who buys from it. All of them are invented."""

from services.sandbox.company.model import Customer, Person, Team

COMPANY = "Brightwater Freight"
VIEWER = "avery.stone@example.com"  # the CEO, whose tokens the sandbox gives out

TEAMS = (
    Team("ENG", "Engineering", "linear", "Builds the booking and billing product."),
    Team("PLT", "Platform", "linear", "Runs what the product runs on."),
    Team("DES", "Design", "linear", "How the product looks and reads."),
    Team("DAT", "Data", "linear", "Pipelines, reporting and forecasts."),
    Team("FIN", "Finance", "asana", "Invoices, budgets and audits."),
    Team("MKT", "Marketing", "asana", "Campaigns, events and the site."),
    Team("SAL", "Sales", "asana", "New business and renewals."),
    Team("CUS", "Customer Success", "asana", "Onboarding, health and support."),
    Team("PEO", "People", "asana", "Hiring, onboarding and the office."),
)

_ROSTER = {
    "ENG": (
        ("Avery Stone", "Chief Executive Officer"),
        ("Priya Raman", "VP Engineering"),
        ("Tomas Lindqvist", "Staff Engineer"),
        ("Mei Tanaka", "Senior Engineer"),
        ("Jonah Adeyemi", "Engineer"),
        ("Lucia Ferrante", "Engineer"),
    ),
    "PLT": (
        ("Idris Okafor", "Platform Lead"),
        ("Hanna Virtanen", "Site Reliability Engineer"),
        ("Caleb Moreau", "Site Reliability Engineer"),
        ("Noor Haddad", "Security Engineer"),
    ),
    "DES": (
        ("Elena Petrova", "Head of Design"),
        ("Kofi Mensah", "Product Designer"),
        ("Sana Qureshi", "UX Researcher"),
    ),
    "DAT": (
        ("Marcus Boyle", "Data Lead"),
        ("Yara Nasser", "Analytics Engineer"),
        ("Felix Braun", "Data Scientist"),
    ),
    "FIN": (
        ("Grace Whitfield", "Chief Financial Officer"),
        ("Oscar Delgado", "Controller"),
        ("Rita Carvalho", "Accountant"),
    ),
    "MKT": (
        ("Dana Kowalski", "Head of Marketing"),
        ("Ravi Shankaran", "Content Lead"),
        ("Chloe Dubois", "Campaign Manager"),
    ),
    "SAL": (
        ("Victor Hale", "VP Sales"),
        ("Amara Obi", "Account Executive"),
        ("Leo Castellan", "Account Executive"),
        ("Ruth Feldman", "Sales Engineer"),
    ),
    "CUS": (
        ("Nadia Rossi", "Head of Customer Success"),
        ("Ben Hartley", "Success Manager"),
        ("Jin Park", "Support Engineer"),
    ),
    "PEO": (
        ("Maya Lindgren", "Head of People"),
        ("Theo Grant", "Recruiter"),
    ),
}

PEOPLE = tuple(
    Person(name, title, team) for team, members in _ROSTER.items() for name, title in members
)

FORMER = (Person("Petra Novak", "Engineer", "ENG"),)

CUSTOMERS = (
    Customer("Halcyon Foods", "halcyonfoods.example"),
    Customer("Meridian Retail", "meridianretail.example"),
    Customer("Polar Logistics", "polarlogistics.example"),
    Customer("Quarry & Sons", "quarrysons.example"),
    Customer("Solstice Apparel", "solsticeapparel.example"),
    Customer("Tidewater Pharma", "tidewaterpharma.example"),
    Customer("Umbra Robotics", "umbrarobotics.example"),
    Customer("Vesper Hotels", "vesperhotels.example"),
)
