"""Signing in at an OpenID provider (OpenID Connect Core 1.0): authorization code with PKCE, and nothing else.

provider    what the provider says of itself, its keys, and the two calls that turn a code into claims
id_token    whether claims are the provider's, for ix, for this sign-in, and still true
flow        the two addresses that a browser comes to, on its way there and back

Which person may do what is in `ix.api.console.roles`. No token is kept anywhere: once the claims are read, the session
is one like those of keys. This package is imported where a provider is set."""
