"""Linear as its clients see it: GraphQL over the company's engineering work."""
