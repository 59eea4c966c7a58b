// An OpenID Connect provider for test_sign_in.py: any e-mail address signs in with any password.
//
//   node provider.js PORT REDIRECT_URI CLIENT_ID CLIENT_SECRET

import * as oidc from 'oidc-provider'

const [port, redirect, client, secret] = process.argv.slice(2)
const scopes = ['openid', 'email', 'profile']

const provider = new oidc.Provider(`http://localhost:${port}`, {
  clients: [
    { client_id: client, client_secret: secret, redirect_uris: [redirect], post_logout_redirect_uris: [redirect] },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
  conformIdTokenClaims: false, // Streamlit reads the identity token and nothing else
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: id,
      email_verified: !id.startsWith('unconfirmed'),
      name: id,
      groups: id.startsWith('claimed') ? ['staff', 'planner'] : ['staff'],
    }),
  }),
  // Everybody has agreed already that this app knows them.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    })
    grant.addOIDCScope(scopes.join(' '))
    await grant.save()
    return grant
  },
  cookies: { keys: ['of no worth outside this test'] },
})
provider.listen(Number(port), 'localhost')
