// SPDX-License-Identifier: MIT
// Has LiveKit's Node SDK verify tokens: {"key", "secret", "tokens": []} on standard input, the claims of each, or null, as a
// JSON array on standard output.
import { readFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';

// Node 18 has them, but not as globals.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;

const { TokenVerifier } = await import('livekit-server-sdk');
const { key, secret, tokens } = JSON.parse(readFileSync(0, 'utf8'));
const verifier = new TokenVerifier(key, secret);
const plain = (value) => JSON.parse(JSON.stringify(value));

const found = [];
for (const token of tokens)
	found.push(await verifier.verify(token).then(plain, () => null));
process.stdout.write(JSON.stringify(found));
