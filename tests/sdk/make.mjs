// SPDX-License-Identifier: MIT
// Tokens as LiveKit's Node SDK and jose make them, with what jwtwatch must say of each.
// node make.mjs SECRET-FILE: a JSON array to standard output; tests/sdk/judge.py knows its fields.
import { readFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';

// Node 18 has them, but not as globals.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;

const { AccessToken, TokenVerifier } = await import('livekit-server-sdk');
const jose = await import('jose');

const text = readFileSync(process.argv[2], 'utf8').trim();
const secret = new TextEncoder().encode(text);
const now = Math.floor(Date.now() / 1000);
const hour = 3600;
const made = [];

const OK = ['OK', 'ok'];
const EXPIRED = ['CRITICAL', 'expired'];

function add(maker, name, [state, cause], token, signed = 'secret') {
	made.push({
		maker, name, state, cause, token, signed,
		header: jose.decodeProtectedHeader(token), claims: jose.decodeJwt(token),
	});
}

// A name of the participant that makes '-' and '_' stand in the payload.
async function withBoth(make) {
	for (let i = 0; i < 1000; i++) {
		const token = await make(`Zoë ${i} ??>>~~ÿþ`);
		const payload = token.split('.')[1];
		if (payload.includes('-') && payload.includes('_')) return token;
	}
	throw Error('no claim value makes both - and _');
}

async function livekit(options, grant = { room: 'test-room', roomJoin: true }) {
	const at = new AccessToken('devkey', text, { identity: 'user1', ...options });
	at.addGrant(grant);
	return await at.toJwt();
}

const sdk = (name, verdict, token) => add('livekit-server-sdk', name, verdict, token);

sdk('default ttl', OK, await livekit({}));
sdk('- and _ in the payload', OK, await withBoth((name) => livekit({ name, ttl: '24h' })));
sdk('ttl of three hours', OK, await livekit({ ttl: '3h' }));
sdk('ttl as a number of seconds', OK, await livekit({ ttl: 86400 }));
sdk('ttl of seven minutes', OK, await livekit({ ttl: '7m' }));
sdk('ended two hours ago', EXPIRED, await livekit({ ttl: '-2h' }));
sdk('metadata that quotes, attributes', OK, await livekit({
	ttl: '24h', name: 'O\'Neill "Jo" \\ <b>', metadata: JSON.stringify({ a: '</script>', b: [1, 2] }),
	attributes: { k: 'v\u2028w' },
}));
sdk('no identity, list only', OK, await livekit({ identity: undefined, ttl: '24h' }, { roomList: true }));
{
	const at = new AccessToken('devkey', text, { identity: 'agent', ttl: '24h' });
	at.addSIPGrant({ call: true });
	sdk('sip grant only', OK, await at.toJwt());
}
// The SDK's own verifier agrees that the first one is good and that the expired one isn't.
const verifier = new TokenVerifier('devkey', text);
await verifier.verify(made[0].token);
await verifier.verify(made[5].token).then(
	() => { throw Error('the SDK verifies an expired token'); }, () => {});

const video = { room: 'test-room', roomJoin: true };

function sign(claims, { alg = 'HS256', key = secret, header = {} } = {}) {
	return new jose.SignJWT(claims).setProtectedHeader({ alg, typ: 'JWT', ...header }).sign(key);
}

const j = (name, verdict, token, signed) => add('jose', name, verdict, token, signed);
const base = { iss: 'devkey', sub: 'user1', video };

j('24 hours', OK, await sign({ ...base, iat: now, exp: now + 24 * hour }));
j('- and _ in the payload', OK,
	await withBoth((name) => sign({ ...base, name, iat: now, exp: now + 24 * hour })));
j('no exp', ['CRITICAL', 'no_expiry'], await sign({ ...base, iat: now }));
j('three hours, 50 minutes left', OK, await sign({ ...base, iat: now - 7800, exp: now + 3000 }));
j('three hours, 30 minutes left', ['WARNING', 'expiring'],
	await sign({ ...base, iat: now - 9000, exp: now + 1800 }));
j('three hours, 5 minutes left', ['CRITICAL', 'expiring'],
	await sign({ ...base, iat: now - 10500, exp: now + 300 }));
j('ended two hours ago', EXPIRED, await sign({ ...base, iat: now - 26 * hour, exp: now - 2 * hour }));
j('not before two hours from now', ['CRITICAL', 'not_yet_valid'],
	await sign({ ...base, iat: now, nbf: now + 2 * hour, exp: now + 24 * hour }));
j('exp in milliseconds', ['CRITICAL', 'expiry_invalid'],
	await new jose.SignJWT(base).setProtectedHeader({ alg: 'HS256' }).setIssuedAt()
		.setExpirationTime(Date.now() + 24 * hour * 1000).sign(secret));
j('of no LiveKit, HS384', OK,
	await sign({ iss: 'x', sub: 'y', iat: now, exp: now + 24 * hour }, { alg: 'HS384' }));
j('of no LiveKit, HS512, audience list', OK,
	await sign({ aud: ['a', 'b'], iat: now, exp: now + 24 * hour }, { alg: 'HS512' }));
j('critical header', ['CRITICAL', 'algorithm_refused'],
	await new jose.CompactSign(new TextEncoder().encode(JSON.stringify({ ...base, iat: now, exp: now + 24 * hour })))
		.setProtectedHeader({ alg: 'HS256', crit: ['urn:x'], 'urn:x': 1 })
		.sign(secret, { crit: { 'urn:x': true } }));
made.push({
	maker: 'jose', name: 'unsecured', state: 'CRITICAL', cause: 'algorithm_refused', signed: 'nobody',
	token: new jose.UnsecuredJWT({ ...base, iat: now }).setExpirationTime('24h').encode(),
});

// What stands beside LiveKit's in other people's pages.
const { privateKey } = await jose.generateKeyPair('RS256');
const anon = { iss: 'supabase', ref: 'abcdefghijklmnopqrst', role: 'anon', iat: now - 90 * 24 * hour };
const other = crypto.getRandomValues(new Uint8Array(32));
const years = 10 * 365 * 24 * hour;
j('stranger, HS256', OK, await sign({ ...anon, exp: now + years }, { key: other }), 'other');
j('stranger, HS256, ended', EXPIRED, await sign({ ...anon, exp: now - hour }, { key: other }), 'other');
j('stranger, RS256', OK, await sign({ ...anon, exp: now + years },
	{ alg: 'RS256', key: privateKey, header: { kid: 'k1' } }), 'rsa');
j('stranger, RS256, ended', EXPIRED, await sign({ ...anon, exp: now - hour },
	{ alg: 'RS256', key: privateKey, header: { kid: 'k1' } }), 'rsa');

process.stdout.write(JSON.stringify(made));
