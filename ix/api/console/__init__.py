"""What browsers need beside the API: the pages of the console, and a session in place of a key.

mount       `/console/api/…`: the routes of the API once more, and the only place where a session counts
origin      which page may call: the console's own
cookies     the one cookie, and where it may travel
sessions    who is signed in, remembered as keys are
tries       how often an address may try to sign in
session     sign in, who am I, sign out
pages       the pages and what they load, with the policy under which they run
oidc        signing in at an OpenID provider
"""
