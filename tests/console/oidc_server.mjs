// A real OpenID provider for tests: `node oidc_server.mjs PORT REDIRECT_URI`, with one client, `ix`, and anybody as a
// person, in the group of their name. Says "up" once it listens. It stands beside the modules that it needs.
import * as oidc from "oidc-provider";

const Provider = oidc.Provider ?? oidc.default;
const [port, redirect] = process.argv.slice(2);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "ix", client_secret: "a secret: 100 % of it", redirect_uris: [redirect],
    response_types: ["code"], grant_types: ["authorization_code"],
  }],
  claims: { openid: ["sub"], profile: ["name"], email: ["email", "email_verified"], groups: ["groups"] },
  scopes: ["openid", "profile", "email", "groups"],
  pkce: { required: () => true },
  cookies: { keys: ["for tests alone"] },
  async findAccount(context, id) {
    const claims = { sub: id, name: "Anna Weber", email: `${id}@example.org`, email_verified: true, groups: [id] };
    return { accountId: id, claims: async () => claims };
  },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("up"));
