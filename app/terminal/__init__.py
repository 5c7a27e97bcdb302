"""`nexus`: the full-screen terminal. Watches runs through the database and writes commands; drives none itself.

`launch` opens it. What is shown is in `screens`; here are the application, the feed that follows a run, and what
carries out people's intents.
"""
