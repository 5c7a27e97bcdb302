"""Behind the one door to every model: the client, prices, limits, errors, recordings.

`litellm_gateway.make_gateway` opens it; the roadmap's names (router, resilience, cost manager) stand one level up.
"""
