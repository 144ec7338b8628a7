"""What a respondent goes through: steps, questions, orders. Data and rules, without a store."""
