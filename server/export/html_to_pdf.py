"""HTML on standard input becomes PDF on standard output, with WeasyPrint.

Embedded in the binary and run as `python3 -I -c`, with limits on time and memory that the server sets (pdf.h has the exit
codes). Nothing is fetched but what stands in the document itself: data: images. Should a hole in a library ask for
more, a hook refuses it: no network, no processes, no files but the libraries' own.
"""
import sys
import tempfile

MISSING = 3  # WeasyPrint is not installed, or not whole
MEMORY = 4  # more memory was needed than there may be

# WeasyPrint makes a folder for fonts that a document brings along. Ours bring none, and a folder would outlive a
# process that is killed.
tempfile.mkdtemp = lambda *_, **__: "/nonexistent"

try:
    import weasyprint
except MemoryError:
    sys.exit(MEMORY)
except Exception:  # an ImportError, or an OSError of a library in C
    sys.exit(MISSING)


def fetch(url, *_, **__):
    if not url.startswith("data:image/"):
        raise ValueError("only images in the document itself are shown")
    return weasyprint.default_url_fetcher(url)


def forbid(event, arguments):
    libraries = (sys.prefix, sys.base_prefix, *filter(None, sys.path))
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.system")):
        raise PermissionError(event)
    if event == "open" and isinstance(arguments[0], str) and not arguments[0].startswith(libraries):
        raise PermissionError(arguments[0])


def convert():
    html = sys.stdin.buffer.read().decode("utf-8")
    sys.addaudithook(forbid)
    pdf = weasyprint.HTML(string=html, url_fetcher=fetch).write_pdf(presentational_hints=True)
    sys.stdout.buffer.write(pdf)
    sys.stdout.buffer.flush()


try:
    convert()
except MemoryError:
    sys.exit(MEMORY)
