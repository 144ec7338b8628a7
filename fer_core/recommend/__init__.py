"""What fits a look: a catalogue, rules, what people liked; lists of films, books, songs, games."""
