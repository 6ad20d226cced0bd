// SPDX-License-Identifier: MIT
// What `jwtwatch mint` makes beside what LiveKit's Node SDK makes of the same input, claim by claim.
// node mint.mjs JWTWATCH SECRET-FILE: a line a case, as tests/sdk/judge.py prints them.
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { webcrypto } from 'node:crypto';

// Node 18 has them, but not as globals.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;

const { AccessToken, TokenVerifier, TrackSource, RoomConfiguration, RoomAgentDispatch } =
	await import('livekit-server-sdk');
const jose = await import('jose');

const [program, file] = process.argv.slice(2);
const text = readFileSync(file, 'utf8').trim();
const secret = new TextEncoder().encode(text);
const env = { ...process.env, LIVEKIT_API_KEY: 'devkey', LIVEKIT_API_SECRET: text };

const minted = (args) => execFileSync(program, ['mint', '--token-only', ...args],
	{ env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

async function of_sdk({ options = {}, grant = { roomJoin: true }, room = 'test-room', sip, inference,
	observability, agents, others = {} }) {
	const at = new AccessToken('devkey', text, { identity: 'user1', ttl: '24h', ...options });
	at.addGrant({ room, ...grant });
	if (sip) at.addSIPGrant(sip);
	if (inference) at.addInferenceGrant(inference);
	if (observability) at.addObservabilityGrant(observability);
	if (agents) at.roomConfig = new RoomConfiguration({
		agents: agents.map((agentName) => new RoomAgentDispatch({ agentName })),
	});
	Object.assign(at.grants, others);
	return await at.toJwt();
}

// What differs by nature: the times, of which only the distance counts.
function comparable(token) {
	const { nbf, exp, roomConfig, ...claims } = jose.decodeJwt(token);
	// The SDK writes what is at its default too.
	const config = roomConfig && RoomConfiguration.fromJson(roomConfig).toJson();
	return { ...claims, roomConfig: config, lifetime: exp - nbf, times: [typeof nbf, typeof exp] };
}

const cases = [];
const add = (name, args, input) => cases.push([name, args, input]);

add('all by default', [], {});
add('room, identity, ttl', ['--room', 'r 1', '--identity', 'Zoë', '--ttl', '90m'],
	{ room: 'r 1', options: { identity: 'Zoë', ttl: '90m' } });
add('name, metadata, attributes',
	['--name', 'O\'Neill "Jo" \\', '--metadata', '{"a":"</script>"}', '--attribute', 'lk.a=v w=x',
		'--attribute', 'b=\u2028ÿ'],
	{ options: { name: 'O\'Neill "Jo" \\', metadata: '{"a":"</script>"}',
		attributes: { 'lk.a': 'v w=x', b: '\u2028ÿ' } } });
const switches = ['roomCreate', 'roomList', 'roomRecord', 'roomAdmin', 'roomJoin', 'canPublish', 'canSubscribe',
	'canPublishData', 'canUpdateOwnMetadata', 'ingressAdmin', 'hidden', 'recorder', 'agent',
	'canSubscribeMetrics', 'canManageAgentSession'];
for (const name of switches) {
	add(`grant ${name}`, ['--grant', name], { grant: { [name]: true } });
	if (name !== 'roomJoin')
		add(`deny ${name}`, ['--deny', name], { grant: { roomJoin: true, [name]: false } });
}
add('every switch', switches.flatMap((name) => ['--grant', name]),
	{ grant: Object.fromEntries(switches.map((name) => [name, true])) });
for (const [name, source] of [['camera', 'CAMERA'], ['microphone', 'MICROPHONE'], ['screen_share', 'SCREEN_SHARE'],
	['screen_share_audio', 'SCREEN_SHARE_AUDIO']])
	add(`source ${name}`, ['--publish-source', name],
		{ grant: { roomJoin: true, canPublishSources: [TrackSource[source]] } });
add('destination room', ['--destination-room', 'other'], { grant: { roomJoin: true, destinationRoom: 'other' } });
add('grant sip', ['--grant', 'sip.admin', '--grant', 'sip.call', '--grant', 'roomJoin'],
	{ sip: { admin: true, call: true } });
add('grant inference', ['--grant', 'roomJoin', '--grant', 'inference.perform'], { inference: { perform: true } });
add('grant observability', ['--grant', 'roomJoin', '--grant', 'observability.write'],
	{ observability: { write: true } });
// The Node SDK has no call for these; LiveKit's Go SDK writes them so.
add('grant agent.*', ['--grant', 'roomJoin', '--grant', 'agent.admin', '--grant', 'agent.simulationAdmin',
	'--grant', 'agent.databaseAdmin'],
	{ others: { agent: { admin: true, simulationAdmin: true, databaseAdmin: true } } });
add('agents', ['--agent', 'a1', '--agent', 'a2'], { agents: ['a1', 'a2'] });
add('no identity', ['--identity', '', '--grant', 'roomList'],
	{ options: { identity: undefined }, grant: { roomList: true } });

const verifier = new TokenVerifier('devkey', text);

// Why it isn't right; '' where it is.
async function fault([, args, input]) {
	const ours = minted(args);
	const theirs = await of_sdk(input);
	// Node's SDK leaves typ out, the Go and Python SDKs write it.
	if (!isDeepStrictEqual(jose.decodeProtectedHeader(ours), { ...jose.decodeProtectedHeader(theirs), typ: 'JWT' }))
		return `header ${JSON.stringify(jose.decodeProtectedHeader(ours))}`;
	if (!isDeepStrictEqual(comparable(ours), comparable(theirs)))
		return `claims ${JSON.stringify(comparable(ours))} and not ${JSON.stringify(comparable(theirs))}`;
	await verifier.verify(ours);
	await jose.jwtVerify(ours, secret, { issuer: 'devkey', algorithms: ['HS256'], requiredClaims: ['exp', 'nbf'] });
	return '';
}

let good = 0;
for (const one of cases) {
	const why = await fault(one).catch((error) => error.message.replace(/eyJ[\w.-]*/g, '[token]'));
	if (why) console.log(`not mint: ${one[0]}: ${why}`);
	else good++;
}
console.log(`${good === cases.length ? 'ok' : 'not'} mint: ${good} of ${cases.length} tokens are those of livekit-server-sdk`);
