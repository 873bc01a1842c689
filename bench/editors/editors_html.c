/* The outcomes as one page: tables, goals and plots, with nothing to load and no script. */
#include <string.h>
#include "bench/editors/editors_report.h"
#include "bench/editors/html_text.h"
#include "bench/machine.h"
#include "tests/support/files.h"

static const char style[] =
    ":root{--ink:#1d2430;--soft:#667085;--paper:#fbfbf9;--card:#fff;--rule:#e4e4de;"
    "--c0:#98a2b3;--c1:#0b7a75;--c2:#2e9e5b;--c3:#d9822b;--c4:#a6478f;--c5:#3d6fd6;--c6:#c0392b;--c7:#8d6e63}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e8e8e3;--soft:#9aa3b2;--paper:#15181d;--card:#1d2128;--rule:#"
    "323842;"
    "--c0:#7d8797;--c1:#35b8b0;--c2:#5fca87;--c3:#f0a458;--c4:#d07fbd;--c5:#7fa4f0;--c6:#ef7b6d;--c7:#b99a8f}}\n"
    "*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);"
    "font:15px/1.5 system-ui,-apple-system,'Segoe UI','Liberation Sans',sans-serif}\n"
    "main{max-width:1180px;margin:0 auto;padding:40px 24px 80px}h1{font-size:30px;line-height:1.2;margin:0 0 4px;"
    "letter-spacing:-.02em}h2{font-size:20px;margin:0;letter-spacing:-.01em}.about{margin:2px 0 "
    "14px;color:var(--soft)}\n"
    "header p{color:var(--soft);margin:0 0 28px}section{background:var(--card);border:1px solid var(--rule);"
    "border-radius:12px;padding:22px 24px;margin:0 0 24px}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:13."
    "5px}"
    "th,td{padding:6px 8px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--rule)}"
    "th{color:var(--soft);font-weight:500}th:first-child,td:first-child,th:last-child,td:last-child{text-align:left}"
    "td:last-child{white-space:normal;min-width:130px;line-height:1.3}td:first-child{font-weight:600}tbody "
    "tr:last-child td{border-bottom:0}\n"
    "ul.goals{list-style:none;display:flex;flex-wrap:wrap;gap:8px;padding:0;margin:14px 0 0}ul.goals li{border:1px "
    "solid "
    "var(--rule);border-radius:999px;padding:3px 12px;font-size:13px}li.reached::before{content:'✓ ';color:var(--c2)}"
    "li.missed::before{content:'✗ ';color:var(--c6)}\n"
    ".plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:20px 28px;margin-top:20px}"
    "figure{margin:0}figcaption{font-weight:600;font-size:14px}.legend{margin:2px 0 "
    "0;font-size:12.5px;color:var(--soft)}"
    ".legend span{margin-right:14px;white-space:nowrap}.legend i{display:inline-block;width:14px;height:3px;"
    "border-radius:2px;margin-right:5px;vertical-align:middle}svg{width:100%;height:auto;display:block}\n"
    "svg text{font:11px system-ui,'Liberation Sans',sans-serif;fill:var(--soft);text-anchor:middle}svg .end,svg .name"
    "{text-anchor:end}svg .name{fill:var(--ink);font-size:12.5px}svg .value{text-anchor:start;fill:var(--ink);"
    "font-size:12.5px}.grid{stroke:var(--rule);fill:none}.line{fill:none;stroke-width:2;stroke-linejoin:round}"
    ".level{stroke:var(--c6);stroke-dasharray:4 4;fill:none}circle.hollow{fill:var(--card)}\n"
    "nav{display:flex;flex-wrap:wrap;gap:6px;margin:-12px 0 28px}nav a{color:var(--ink);text-decoration:none;font-size:"
    "13px;border:1px solid var(--rule);background:var(--card);border-radius:8px;padding:2px 10px}nav "
    "a.missed::after{content:' ✗';color:var(--c6)}td.wrong{color:var(--c6)}\n"
    "footer{color:var(--soft);font-size:13px}\n";

/* ---- The page --------------------------------------------------------------------------------------------------- */

static void put_goal(const char *text, const char *value, bool reached, void *user)
{
    struct buf *out = user;

    buf_printf(out, "<li class=\"%s\">", reached ? "reached" : "missed");
    html_put(out, text);
    buf_put_str(out, ": <b>");
    html_put(out, value);
    buf_put_str(out, "</b></li>");
}

static void put_section(const struct scenario_report *r, struct buf *out)
{
    static struct sheet sheet;

    buf_put_str(out, "<section id=\"");
    html_put(out, r->scenario.name);
    buf_put_str(out, "\"><h2>");
    html_put(out, r->scenario.name);
    buf_put_str(out, "</h2><p class=\"about\">");
    html_put(out, r->scenario.about);
    buf_put_str(out, r->scenario.changed ? " (but changed)</p>\n" : "</p>\n");
    report_sheet(r, &sheet);
    sheet_put_html(&sheet, out);
    buf_put_str(out, "<ul class=\"goals\">");
    report_goals(r, put_goal, out);
    buf_put_str(out, "</ul>\n");
    report_plots(r, out);
    buf_put_str(out, "</section>\n");
}

static void count_missed(const char *text, const char *value, bool reached, void *user)
{
    (void)text;
    (void)value;
    *(size_t *)user += !reached;
}

/* A word for each scenario that leads to it, marked when something is wrong there. */
static void put_contents(const struct scenario_report *reports, size_t count, struct buf *out)
{
    buf_put_str(out, "<nav>");
    for (size_t i = 0; i < count; i++) {
        size_t missed = 0;
        report_goals(&reports[i], count_missed, &missed);
        buf_printf(out, "<a class=\"%s\" href=\"#", missed > 0 ? "missed" : "");
        html_put(out, reports[i].scenario.name);
        buf_put_str(out, "\">");
        html_put(out, reports[i].scenario.name);
        buf_put_str(out, "</a>");
    }
    buf_put_str(out, "</nav>\n");
}

static void put_head(struct buf *out)
{
    struct machine m;

    machine_describe(&m);
    buf_put_str(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                     "<meta name=\"viewport\" content=\"width=device-width\"><title>Editors at work</title><style>\n");
    buf_put_str(out, style);
    buf_put_str(out, "</style></head><body><main><header><h1>Editors at work</h1><p>");
    html_put(out, m.date);
    buf_put_str(out, " · ");
    html_put(out, m.cpu);
    buf_printf(out, ", %ld cores · ", m.cores);
    html_put(out, m.compiler);
    buf_put_str(out, "</p></header>\n");
}

int report_write_html(const char *path, const struct scenario_report *reports, size_t count)
{
    struct buf page = {0};
    int rc;

    put_head(&page);
    put_contents(reports, count, &page);
    for (size_t i = 0; i < count; i++) {
        put_section(&reports[i], &page);
    }
    buf_put_str(
        &page,
        "<footer>Measured by <code>cahier-bench editors</code>. The relay understands nothing and keeps nothing: it is "
        "the floor. Compare ratios inside one run; absolute times move with the machine.</footer>"
        "</main></body></html>\n");
    rc = page.rc == RC_OK ? files_write(path, buf_span(&page)) : page.rc;
    buf_finish(&page);
    return rc;
}
