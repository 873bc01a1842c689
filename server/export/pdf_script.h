#ifndef SERVER_EXPORT_PDF_SCRIPT_H
#define SERVER_EXPORT_PDF_SCRIPT_H

/* html_to_pdf.py as text, made by the build (embed_text.py). */
extern const char pdf_script[];

#endif
