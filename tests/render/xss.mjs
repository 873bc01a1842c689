// What test_safety wrote for hundreds of payloads, opened in Chromium, with the page's policy and without any: no script
// runs, whatever is clicked, hovered or loaded.
// Argument: the program test_safety.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { launch } from '../browser/people.mjs'
import { checkHooks, runs } from '../browser/scripts.mjs'

const policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'; img-src *\">"
const folder = mkdtempSync(`${tmpdir()}/xss-`)
execFileSync(process.argv[2], [fileURLToPath(new URL('payloads.txt', import.meta.url)), folder], { stdio: 'inherit' })
const notes = ['fragments.html', 'markdown.html'].map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
rmSync(folder, { recursive: true })

const browser = await launch()
await checkHooks(browser)
for (const [index, html] of notes.entries()) {
  for (const head of ['', policy]) {
    const { fired, elements, active } = await runs(browser, [`<!DOCTYPE html><meta charset=utf-8>${head}${html}`])
    assert.equal(fired, 0, 'a script ran')
    assert.deepEqual(active, [], 'something active')
    console.log(`${['HTML', 'Markdown'][index]}${head ? ' with a policy' : ''}: ${elements} elements, nothing ran`)
  }
}
await browser.close()
