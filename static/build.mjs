/**
 * Bundles the page: `node build.mjs OUTPUT [DEPFILE STAMP]`.
 *
 * OUTPUT becomes a folder that holds what the server serves, under the paths it serves them:
 *
 *   index.html          the list of notes, at "/"
 *   n/index.html        one note, at every path below "/n/"
 *   offline-worker.js   the service worker, at the root so that it may stand in front of both
 *   assets/NAME-HASH.*  scripts, style sheets, letters, icon: a name changes with its content, so they never expire
 *   assets/LICENSES.txt whose work is in them
 *
 * DEPFILE gets make's rule for STAMP with every file that was read; STAMP is written when all is done.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const esbuild = await import('esbuild').catch(() => {
  console.error('static/node_modules is missing or incomplete: run ./dev build, or npm ci in static/')
  process.exit(1)
})
const here = path.dirname(fileURLToPath(import.meta.url))
const [, , folder, depfile, stamp] = process.argv
const output = path.resolve(folder)
const pages = { 'list.html': 'index.html', 'note.html': path.join('n', 'index.html') }

/** What all builds share. Browsers of the last four years: schools are slow to change. */
const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  target: ['chrome111', 'firefox113', 'safari16.2'],
  metafile: true,
  logLevel: 'warning',
}

async function bundleAssets() {
  const { metafile } = await esbuild.build({
    ...common,
    entryPoints: ['script/list.js', 'script/note.js', 'style/list.css', 'style/note.css', 'icons/icon.svg'],
    outdir: path.join(output, 'assets'),
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    format: 'esm',
    splitting: true,
    loader: { '.svg': 'copy', '.woff2': 'file' },
    publicPath: '/assets',
  })
  return metafile
}

/** @returns {Object<string, string>} entry point's file name -> address */
function addresses(metafile) {
  const named = {}
  for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint) {
      named[path.basename(entryPoint)] = addressOf(file)
    }
  }
  return named
}

function addressOf(file) {
  return '/' + path.relative(output, path.resolve(here, file)).split(path.sep).join('/')
}

function write(name, content) {
  const file = path.join(output, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, content)
}

function writePages(named) {
  for (const [source, name] of Object.entries(pages)) {
    const html = readFileSync(path.join(here, 'pages', source), 'utf8')
    write(
      name,
      html.replace(/\{\{([^}]+)\}\}/g, (_, asset) => named[asset]),
    )
  }
}

async function writeWorker(metafile) {
  const files = Object.keys(metafile.outputs).map(addressOf).sort()
  const version = createHash('sha256').update(files.join('\n')).update(readPages()).digest('hex').slice(0, 12)
  return esbuild.build({
    ...common,
    entryPoints: { 'offline-worker': 'script/offline_worker.js' },
    outdir: output,
    define: { __VERSION__: JSON.stringify(version), __FILES__: JSON.stringify(files) },
  })
}

function readPages() {
  return Object.values(pages)
    .map((name) => readFileSync(path.join(output, name), 'utf8'))
    .join('')
}

/** The licences of every package whose code or letters are in the bundle, as they ask. */
function writeLicences(metafile) {
  const used = new Set(Object.keys(metafile.inputs).map(packageOf).filter(Boolean))
  const texts = [...used].sort().map((name) => {
    const folder = path.join(here, 'node_modules', name)
    const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
    return `${name} ${version} (${license})\n\n${file ? readFileSync(path.join(folder, file), 'utf8').trim() : ''}\n`
  })
  write(path.join('assets', 'LICENSES.txt'), texts.join('\n' + '-'.repeat(72) + '\n\n'))
}

function packageOf(input) {
  return /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]
}

function writeDepfile(metafiles) {
  const inputs = metafiles.flatMap(({ inputs: read }) => Object.keys(read)).map((input) => path.resolve(here, input))
  const own = Object.keys(pages).map((name) => path.join(here, 'pages', name))
  const escaped = [...new Set([...inputs, ...own])].filter(existsSync).map((file) => file.replace(/ /g, '\\ '))
  writeFileSync(depfile, `${stamp}: ${escaped.join(' \\\n  ')}\n`)
}

rmSync(output, { recursive: true, force: true })
const assets = await bundleAssets()
writePages(addresses(assets))
const worker = await writeWorker(assets)
writeLicences(assets)
if (depfile) {
  writeDepfile([assets, worker.metafile])
  writeFileSync(stamp, '')
}
