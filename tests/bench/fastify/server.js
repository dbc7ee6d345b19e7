// The orchestrator's job as a Fastify program, written as its users would write it well.
//
// Does: Retell's signature on the raw body, the state of every call in memory with its turns one after another, the caller looked up
// at the bank once a call, intent by function name, a limit for every transfer and one for the day, one question to the bank a turn
// (undici with kept connections), a sentence, and a record of every turn in SQLite, written in groups off the path of the turn. An
// event is stored before it is acknowledged, a transfer before it is sent.
//
// Does not: rules that can be changed while it runs or that are kept apart from it, PINs and questions back, encryption of records,
// repeats and a breaker towards the bank, recovery of a transfer whose outcome is unknown, PostgreSQL, metrics.
//
// One process: Node runs on one core, and so does this bench's server.

import { createHmac, timingSafeEqual } from 'node:crypto';
import Database from 'better-sqlite3';
import Fastify from 'fastify';
import { Pool } from 'undici';

const { RETELL_API_KEY, PYTHON_BACKEND_URL, DATABASE_FILE, PORT } = process.env;
const WINDOW_MS = 300_000;
const TRANSFER_MAX_MINOR = 10_000;
const DAY_MAX_MINOR = 2_500_000;
const DAY_COUNT_MAX = 20;
const TRANSCRIPT_MAX = 20;
const RIDE_MS = 20;

const bank = new Pool(PYTHON_BACKEND_URL, { connections: 256, keepAliveTimeout: 30_000 });
const calls = new Map();

const db = new Database(DATABASE_FILE);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE IF NOT EXISTS turns (call_id, number, intent, decision, outcome, reply, micros, at_ms, record);
  CREATE TABLE IF NOT EXISTS events (key PRIMARY KEY, body, at_ms);
  CREATE TABLE IF NOT EXISTS transfers (key PRIMARY KEY, user_id, from_account, to_account, amount, state, at_ms);
`);
const statements = {
  turn: db.prepare('INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
  event: db.prepare('INSERT OR IGNORE INTO events VALUES (?, ?, ?)'),
  intent: db.prepare("INSERT OR IGNORE INTO transfers VALUES (?, ?, ?, ?, ?, 'sent', ?)"),
  settle: db.prepare('UPDATE transfers SET state = ? WHERE key = ?'),
};
const day = db.prepare(
  "SELECT count(*) AS count, coalesce(sum(amount), 0) AS moved FROM transfers WHERE user_id = ? AND at_ms > ? AND state != 'refused'",
);

// Whatever is queued goes into one transaction.
const queue = [];
let isDue = false;
const commit = db.transaction((group) => group.map(({ statement, values }) => statement.run(...values).changes));

function flush() {
  isDue = false;
  const group = queue.splice(0);
  const changes = commit(group);
  group.forEach(({ done }, at) => done?.(changes[at]));
}

function put(statement, values, done) {
  queue.push({ statement, values, done });
  if (done && isDue !== 'now') {
    isDue = 'now';
    setImmediate(flush);
  } else if (!isDue) {
    isDue = 'soon';
    setTimeout(() => isDue === 'soon' && flush(), RIDE_MS);
  }
}

const write = (statement, values) => new Promise((done) => put(statement, values, done));

function isSigned(header, body) {
  const [, time, digest] = /^v=(\d+),d=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  if (!time || Math.abs(Date.now() - Number(time)) > WINDOW_MS) return false;
  const expected = createHmac('sha256', RETELL_API_KEY).update(body).update(time).digest();
  return timingSafeEqual(expected, Buffer.from(digest, 'hex'));
}

async function ask(method, path, order) {
  const answer = await bank.request({
    method,
    path: `/api/v1${path}`,
    headers: order ? { 'content-type': 'application/json' } : undefined,
    body: order ? JSON.stringify(order) : undefined,
  });
  return { status: answer.statusCode, body: await answer.body.json() };
}

function live(facts) {
  let call = calls.get(facts.call_id);
  if (!call) {
    call = { userId: null, turns: 0, state: 'AWAITING_INTENT', transcript: [], answered: new Map(), turn: Promise.resolve() };
    calls.set(facts.call_id, call);
  }
  return call;
}

async function recognise(call, facts) {
  if (call.userId || !facts.from_number) return;
  const { status, body } = await ask('GET', `/users/${encodeURIComponent(facts.from_number)}`);
  if (status === 200) call.userId = body.id;
}

function route(name, args) {
  switch (name) {
    case 'check_balance':
      return { intent: 'balance', account: args.account_id };
    case 'transfer_funds':
      return { intent: 'transfer', from: args.from_account, to: args.to_account, minor: Math.round(Number(args.amount) * 100) };
    default:
      return { intent: 'unknown' };
  }
}

const formatter = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' });
const spoken = (value) => formatter.format(value);

async function accountsOf(userId) {
  const { status, body } = await ask('GET', `/users/${userId}/accounts`);
  if (status !== 200) throw new Error(`the bank answered ${status}`);
  return new Map(body.accounts.map((account) => [account.account_id, account]));
}

async function balance(call, wanted) {
  const account = (await accountsOf(call.userId)).get(wanted.account);
  if (!account) return ['deny', 'account_not_found', 'I could not find that account among yours.'];
  return ['allow', 'balance', `The balance of your ${account.type} account is ${spoken(Number(account.balance))}.`];
}

async function transfer(call, facts, { from, to, minor }, now) {
  const utterances = (facts.transcript_object ?? []).filter(({ role }) => role === 'user').length;
  const key = `${facts.call_id}:${from}:${to}:${minor}:${utterances}`;
  if (call.answered.has(key)) return call.answered.get(key);
  const accounts = await accountsOf(call.userId);
  const { count, moved } = day.get(call.userId, now - 86_400_000);
  if (!accounts.has(from) || !accounts.has(to) || from === to) {
    return ['deny', 'not_your_account', 'I can only move money between accounts of yours.'];
  }
  if (!(minor > 0) || minor > TRANSFER_MAX_MINOR || minor > Number(accounts.get(from).balance) * 100) {
    return ['deny', 'amount_not_allowed', 'I cannot transfer that amount.'];
  }
  if (count >= DAY_COUNT_MAX || moved + minor > DAY_MAX_MINOR) {
    return ['deny', 'over_day_max', 'That is more than you can transfer in one day.'];
  }
  if (!(await write(statements.intent, [key, call.userId, from, to, minor, now]))) {
    return ['deny', 'outcome_pending', 'That transfer is being looked into. I will confirm it.'];
  }
  const order = { from_account: from, to_account: to, amount: minor / 100, reference: key };
  const { status } = await ask('POST', '/payments/transfer', order);
  const state = status === 200 ? 'completed' : 'refused';
  await write(statements.settle, [state, key]);
  if (state === 'refused') return ['allow', 'refused', 'The bank did not accept that transfer.'];
  const said = ['allow', 'transfer_completed', `I have transferred ${spoken(minor / 100)} to your ${accounts.get(to).type} account.`];
  call.answered.set(key, said);
  return said;
}

async function decide(call, facts, wanted, now) {
  if (!call.userId) return ['deny', 'caller_unknown', 'I do not know this number. Please call from your own telephone.'];
  switch (wanted.intent) {
    case 'balance':
      return balance(call, wanted);
    case 'transfer':
      return transfer(call, facts, wanted, now);
    default:
      return ['deny', 'unknown', 'I can tell you a balance or transfer money.'];
  }
}

async function turn(call, { name, args, call: facts }) {
  const began = process.hrtime.bigint();
  const now = Date.now();
  call.state = 'PROCESSING_REQUEST';
  call.transcript = [...call.transcript, ...(facts.transcript_object ?? [])].slice(-TRANSCRIPT_MAX);
  const wanted = route(name, args);
  let said;
  try {
    await recognise(call, facts);
    said = await decide(call, facts, wanted, now);
  } catch {
    said = ['allow', 'bank_unavailable', 'I cannot reach the bank at the moment. Please try again later.'];
  }
  const [decision, code, text] = said;
  call.turns += 1;
  call.state = 'SPEAKING_RESPONSE';
  const micros = Number((process.hrtime.bigint() - began) / 1000n);
  const record = JSON.stringify({ name, args, user_id: call.userId, decision, code });
  put(statements.turn, [facts.call_id, call.turns, wanted.intent, decision, code, text, micros, now, record]);
  return { result: text, code, data: {} };
}

const app = Fastify({ bodyLimit: 8 * 1024 * 1024 });
// The signature covers the bytes, so the body stays as it came until it was checked.
app.removeAllContentTypeParsers();
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => done(null, body));

app.addHook('preHandler', async (request, reply) => {
  if (request.method === 'POST' && !isSigned(request.headers['x-retell-signature'], request.body)) {
    return reply.code(401).send();
  }
});

app.post('/functions', async (request) => {
  let asked;
  try {
    asked = JSON.parse(request.body);
  } catch {
    return { result: 'I am sorry, something went wrong.', code: 'not_json', data: {} };
  }
  const call = live(asked.call);
  // One turn after another.
  const answer = call.turn.then(() => turn(call, asked));
  call.turn = answer.catch(() => {});
  return answer;
});

app.post('/webhook', async (request, reply) => {
  const { event, call } = JSON.parse(request.body);
  await write(statements.event, [`${event}:${call.call_id}`, request.body, Date.now()]);
  if (event === 'call_ended') calls.delete(call.call_id);
  return reply.code(204).send();
});

app.get('/health', async () => ({ status: 'healthy' }));

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, async () => {
    await app.close();
    flush();
    process.exit(0);
  });
}
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
