"""A request's way through one system: Connexion's layers, with everything compiled when the app is built.

From the outside in: `front` (reads, sends, answers for our own errors), `routing`, `faulty` (where faults strike) and
`operations`: one compiled operation checks credentials, parameters and body, calls the vendor's handler and checks its
reply.
"""

import warnings

with warnings.catch_warnings():  # Connexion imports a test client of Starlette's that is deprecated and not used here
    warnings.simplefilter("ignore")
    import connexion  # noqa: F401
