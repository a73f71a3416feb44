// An OpenID Connect provider on this machine for tests: the npm package oidc-provider, with one
// client and accounts that sign in by being named. It is told what to do by its arguments, prints
// its issuer once it listens, and ends with its standard input.
//
//   node oidc_provider.mjs PORT CLIENT_ID CLIENT_SECRET RETURN
//
// PORT 0 takes a free one; the issuer is http://127.0.0.1:PORT. RETURN is where the redirect address
// begins; it ends with the beginning of the issuer's SHA-256.

import { createServer } from "node:http";
import { createHash, generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";

const [port, clientId, clientSecret, returnTo] = process.argv.slice(2);
process.env.NODE_ENV = "test";

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), use: "sig", kid: "tests" };

const server = createServer((request, response) => respond(request, response));
let respond;

server.listen(Number(port), "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const slug = createHash("sha256").update(issuer).digest("hex").slice(0, 16);
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`${returnTo}/${slug}`],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    jwks: { keys: [key] },
    cookies: { keys: ["only for tests"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_, interaction) => `/who/${interaction.uid}` },
    // What was asked for is granted: there is nobody to be asked.
    loadExistingGrant: async (context) => {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
  });
  provider.proxy = false;
  const callback = provider.callback();
  respond = async (request, response) => {
    const path = request.url.split("?")[0];
    if (!path.startsWith("/who/")) return callback(request, response);
    if (request.method === "GET") {
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(
        `<!DOCTYPE html><html lang="en"><title>Who are you?</title><h1>Who are you?</h1>` +
          `<form method="post" action="${path}"><label>Name <input name="who"></label> ` +
          `<button>Sign in</button></form></html>`,
      );
      return;
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const accountId = new URLSearchParams(body).get("who");
    await provider.interactionFinished(request, response, { login: { accountId } });
  };
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
