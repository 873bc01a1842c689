// A trace done again by documents of a peer, in the same steps as bench/engine/trace_replay.c.

// One transaction of a document.
function doTxn(peer, doc, { patches }) {
  peer.transact(doc, () => {
    for (const [at, deleted, inserted] of patches) {
      if (deleted > 0) peer.delete(doc, at, deleted)
      if (inserted) peer.insert(doc, at, inserted)
    }
  })
}

function replaySequential(peer, trace, withUpdates) {
  const updates = []
  const doc = peer.create(1, withUpdates ? (update) => updates.push(update) : null)
  for (let copy = 0; copy < trace.copies; copy++) {
    for (const txn of trace.txns) doTxn(peer, doc, txn)
  }
  return { doc, updates }
}

// Marks with 2 the ancestors of a transaction that the agent has not seen; returns the lowest.
function markMissing(agent, txns, index) {
  let marked = 0
  let lowest = index
  for (let i = index; i >= agent.complete; i--) {
    if (i !== index) {
      if (agent.seen[i] !== 2) continue
      marked--
      lowest = i
    }
    for (const parent of txns[i].parents) {
      if (agent.seen[parent] === 0) {
        agent.seen[parent] = 2
        marked++
      }
    }
    if (marked === 0) break
  }
  return lowest
}

function applyOne(peer, agent, updates, i) {
  agent.seen[i] = 1
  if (updates[i]) {
    agent.applying = true
    peer.apply(agent.doc, 1, updates[i])
    agent.applying = false
  }
}

function catchUp(peer, agent, txns, updates, index) {
  for (let i = markMissing(agent, txns, index); i < index; i++) {
    if (agent.seen[i] === 2) applyOne(peer, agent, updates, i)
  }
  while (agent.complete < index && agent.seen[agent.complete] === 1) agent.complete++
}

function replayConcurrent(peer, { agents: count, txns }) {
  const updates = new Array(txns.length)
  let current = 0
  const agents = Array.from({ length: count }, (_, n) => {
    const agent = { seen: new Uint8Array(txns.length), complete: 0, applying: false }
    agent.doc = peer.create(n + 1, (update) => {
      if (!agent.applying) updates[current] = update
    })
    return agent
  })
  txns.forEach((txn, index) => {
    const agent = agents[txn.agent]
    catchUp(peer, agent, txns, updates, index)
    current = index
    doTxn(peer, agent.doc, txn)
    agent.seen[index] = 1
  })
  for (const agent of agents) {
    for (let i = agent.complete; i < txns.length; i++) {
      if (agent.seen[i] !== 1) applyOne(peer, agent, updates, i)
    }
  }
  return { doc: agents[0].doc, updates: updates.map((update) => update ?? new Uint8Array()) }
}

// The first agent's document at the end, and the update of each transaction.
export function replay(peer, trace, withUpdates) {
  return trace.concurrent ? replayConcurrent(peer, trace) : replaySequential(peer, trace, withUpdates)
}

export function splitUpdates(bytes) {
  const updates = []
  let at = 4
  for (let left = bytes.readUInt32LE(0); left > 0; left--) {
    const end = at + 4 + bytes.readUInt32LE(at)
    updates.push(new Uint8Array(bytes.subarray(at + 4, end)))
    at = end
  }
  return updates
}

export function joinUpdates(updates) {
  const u32 = (n) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(n)
    return bytes
  }
  return Buffer.concat([u32(updates.length), ...updates.flatMap((update) => [u32(update.length), update])])
}
