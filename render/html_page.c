#include "render/html_page.h"
#include "render/escape.h"

/* One column of readable width; the box of a task hangs before its words as a bullet does, whatever they are in. Sides
 * are named left and right, with their mirror under [dir=rtl]: what makes PDF of the page does not know logical
 * properties. */
static const char screen_style[] =
    ":root{color-scheme:light}\n"
    "body{margin:2rem auto;max-width:46rem;padding:0 1rem;color:#1b1b1f;background:#fff;"
    "font:1rem/1.55 system-ui,\"Liberation Sans\",sans-serif;overflow-wrap:break-word}\n"
    "h1,h2,h3,h4,h5,h6{line-height:1.25;margin:1.6em 0 .5em}\n"
    "h1{font-size:1.9rem;margin-top:0}h2{font-size:1.5rem}h3{font-size:1.25rem}h4,h5,h6{font-size:1rem}\n"
    "p,h1,h2,h3,h4,h5,h6,summary,figcaption{white-space:pre-line}\n"
    "p{margin:.6em 0}a{color:#0b57d0}sub,sup{font-size:.75em;line-height:0}\n"
    "ul,ol{padding:0 0 0 1.7em;margin:.6em 0}li>p{margin:.3em 0}li>ul,li>ol{margin:0}\n"
    "ul[dir=rtl],ol[dir=rtl]{padding:0 1.7em 0 0}\n"
    "ul.contains-task-list{list-style:none}li.task-list-item>input{float:left;margin:.36em 0 0 -1.5em}\n"
    "li.task-list-item[dir=rtl]>input{float:right;margin:.36em -1.5em 0 0}\n"
    "li.task-list-item>input+p,li.task-list-item>div>p:first-child{margin-top:0}\n"
    "ul.decisions{list-style:\"\\270d\\fe0e\\a0 \"}\n"
    "blockquote{margin:.8em 0;padding:.1em 1em;border-left:4px solid #c9ccd3;color:#44474f}\n"
    "blockquote[dir=rtl]{border-left:0;border-right:4px solid #c9ccd3}\n"
    "pre{background:#f4f5f7;border-radius:6px;padding:.8em 1em;overflow-x:auto;font-size:.9rem;line-height:1.4}\n"
    "code{font-family:ui-monospace,\"Liberation Mono\",monospace}:not(pre)>code{background:#f0f1f4;border-radius:3px;"
    "padding:.1em .3em;font-size:.9em}\n"
    "table{border-collapse:collapse;margin:1em 0;max-width:100%}\n"
    "th,td{border:1px solid #c9ccd3;padding:.35em .6em;text-align:start;vertical-align:top}th{background:#f4f5f7}\n"
    ".long{overflow-wrap:anywhere}\n"
    "th>:first-child,td>:first-child{margin-top:0}th>:last-child,td>:last-child{margin-bottom:0}\n"
    "figure{margin:1em 0}img,video{max-width:100%;height:auto}figcaption{color:#5d6068;font-size:.9em}\n"
    "hr{border:0;border-top:1px solid #c9ccd3;margin:1.6em 0}mark{padding:0 .1em}\n";

static const char node_style[] =
    ".panel{margin:1em 0;padding:.4em 1em;border-left:4px solid #3b6fd6;border-radius:4px;background:#eaf1fd}\n"
    ".panel::before{content:attr(aria-label);display:block;font-size:.85em;font-weight:600;margin-top:.4em}"
    ".panel>p:first-child{margin-top:0}\n"
    ".panel[data-icon]::before{content:attr(data-icon) \" \" attr(aria-label)}\n"
    ".panel-note,.panel-custom{border-color:#6554c0;background:#f1effb}\n"
    ".panel-success,.panel-tip{border-color:#1f845a;background:#e6f6ee}\n"
    ".panel-warning{border-color:#b65c02;background:#fdf3e3}.panel-error{border-color:#c9372c;background:#fdecea}\n"
    ".panel[dir=rtl]{border-left:0;border-right-width:4px;border-right-style:solid}\n"
    "details{margin:.8em 0;padding:.2em 0 .2em .8em;border-left:2px solid #c9ccd3}summary{font-weight:600}\n"
    ".columns{display:grid;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);gap:1.5rem}\n"
    ".mention{background:#e9ecf3;border-radius:3px;padding:0 .25em}\n"
    ".status{font-size:.78em;font-weight:700;border-radius:3px;padding:.1em .4em;background:#dfe1e6}\n"
    ".status-green{background:#baf3db}.status-red{background:#ffd5d2}.status-yellow{background:#f8e6a0}\n"
    ".status-blue{background:#cce0ff}.status-purple{background:#dfd8fd}\n"
    ".math{font-family:\"Latin Modern Math\",\"STIX Two Math\",Cambria,serif;font-style:italic}\n"
    "@media screen{table{display:block;width:fit-content;overflow-x:auto}}\n"
    "@media (max-width:40rem){body{margin:1rem auto}.columns{display:block}th,td{padding:.3em "
    ".4em;font-size:.875em}}\n";

/* A4 with page numbers. Table heads repeat, a heading is not left alone at the foot of a page. Tables of many columns
 * (a cell with six or more behind it, and those) are set smaller and may break words, so that they stay on the paper.
 * The boxes of tasks are drawn: not everything that prints draws form fields. Columns are a table's: not everything
 * that prints knows grids. */
static const char print_style[] =
    "@media print{\n"
    "body{margin:0;max-width:none;padding:0;font-size:11pt}a{color:inherit}\n"
    "h1,h2,h3,h4,h5,h6{break-after:avoid;break-inside:avoid}thead{display:table-header-group}\n"
    "tr,img,figure,.panel>p:first-child{break-inside:avoid}p,li{orphans:3;widows:3}\n"
    ".panel::before,summary{break-after:avoid}.panel,mark,th,td,code,pre,.mention,.status,li.task-list-item>input{"
    "print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
    "img{max-height:24cm}pre,pre.markdown{white-space:pre-wrap;overflow:visible}\n"
    "pre,.panel{box-decoration-break:clone;-webkit-box-decoration-break:clone}\n"
    "table{max-width:calc(100% - 1px)}\n"
    ".page-break{break-after:page}.page-break+*{margin-top:0}\n"
    ".columns{display:table;table-layout:fixed;width:100%;margin:1em "
    "0}.columns>.column{display:table-cell;padding-right:1.5rem}\n"
    ".columns>.column:last-child{padding-right:0}.column>:first-child{margin-top:0}\n"
    "tr>:nth-last-child(n+7),tr>:nth-last-child(n+7)~*{font-size:8pt;padding:.2em .3em;overflow-wrap:anywhere}\n"
    "tr>:nth-last-child(n+12),tr>:nth-last-child(n+12)~*{font-size:6.5pt;padding:.2em}\n"
    "li.task-list-item>input{appearance:none;-webkit-appearance:none;display:inline-block;width:.75em;height:.75em;"
    "border:1px solid #44474f;border-radius:2px}\n"
    "li.task-list-item>input[checked]{background:#3b6fd6;border-color:#3b6fd6}\n"
    "li.task-list-item>input[checked]::before{content:\"\";display:block;width:.4em;height:.17em;margin:.14em 0 0 "
    ".12em;"
    "border:solid #fff;border-width:0 0 .12em .12em;transform:rotate(-45deg)}\n"
    "}\n"
    "@page{size:A4;margin:2cm;@bottom-center{content:counter(page) \" / \" counter(pages);"
    "font:9pt \"Liberation Sans\",sans-serif;color:#5d6068}}\n";

void html_page_begin(struct buf *out, struct span lang, struct span title, bool header, bool images)
{
    buf_put_str(out, "<!DOCTYPE html>\n<html lang=\"");
    escape_html_line(out, lang);
    buf_put_str(out, "\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                     "'unsafe-inline'; img-src 'self' http: https:");
    buf_put_str(out, images ? " data:" : "");
    buf_put_str(out, "; media-src 'self' http: https:; form-action 'none'; base-uri 'none'\">\n"
                     "<meta name=\"generator\" content=\"Cahier\">\n<title>");
    escape_html(out, title);
    buf_put_str(out, "</title>\n<style>\n");
    buf_put_str(out, screen_style);
    buf_put_str(out, node_style);
    buf_put_str(out, print_style);
    buf_put_str(out, "</style>\n</head>\n<body>\n");
    if (header) {
        buf_put_str(out, "<header><h1>");
        escape_html(out, title);
        buf_put_str(out, "</h1></header>\n");
    }
    buf_put_str(out, "<main>\n");
}

void html_page_end(struct buf *out)
{
    buf_put_str(out, "</main>\n</body>\n</html>\n");
}
