/**
 * Every sentence the page shows, in the languages it speaks: one row a text.
 *
 * `{name}` stands for a value given to `text()`. Nothing here is HTML: texts reach the page as text nodes only.
 */
export const languages = { fr: 'Français', en: 'English' }

export const texts = {
  // The list of notes
  'list.heading': { fr: 'Toutes les notes', en: 'All notes' },
  'list.new': { fr: 'Nouvelle note', en: 'New note' },
  'list.search': { fr: 'Chercher un titre', en: 'Search titles' },
  'list.loading': { fr: 'Ouverture…', en: 'Opening…' },
  'list.empty': { fr: 'La première page est à vous.', en: 'The first page is yours.' },
  'list.empty.more': {
    fr: 'Créez une note, puis donnez son adresse aux autres pour écrire ensemble.',
    en: 'Create a note, then hand its address to the others and write together.',
  },
  'list.nothing': { fr: 'Aucun titre ne contient « {query} ».', en: 'No title contains “{query}”.' },
  'list.failed': {
    fr: 'La liste ne peut pas être chargée : {reason}.',
    en: 'The list cannot be loaded: {reason}.',
  },
  'list.more': { fr: 'Afficher la suite', en: 'Show more' },
  'list.now': { fr: 'à l’instant', en: 'just now' },
  'list.changed': { fr: 'modifiée {when}', en: 'changed {when}' },
  'list.unsent': { fr: 'à envoyer', en: 'to be sent' },
  'list.unsent.help': {
    fr: 'Cet appareil garde des modifications que le serveur n’a pas encore. Ouvrez la note pour les envoyer.',
    en: 'This device holds changes the server does not have yet. Open the note to send them.',
  },
  'list.damaged': { fr: 'endommagée', en: 'damaged' },
  'list.damaged.help': {
    fr: 'Le fichier du serveur est abîmé à cet endroit. Prévenez la personne qui l’administre.',
    en: 'The server’s file is damaged here. Tell the person who runs it.',
  },
  'list.count.one': { fr: '1 note', en: '1 note' },
  'list.count.many': { fr: '{count} notes', en: '{count} notes' },
  'list.archive': { fr: 'Télécharger toutes les notes', en: 'Download all notes' },
  'list.create.failed': {
    fr: 'La note n’a pas pu être créée : {reason}.',
    en: 'The note could not be created: {reason}.',
  },

  // Around the note
  'note.untitled': { fr: 'Sans titre', en: 'Untitled' },
  'note.back': { fr: 'Toutes les notes', en: 'All notes' },
  'note.label': { fr: 'Texte de la note', en: 'Text of the note' },
  'note.placeholder': { fr: 'Écrivez ici…', en: 'Write here…' },
  'note.placeholder.heading': { fr: 'Titre', en: 'Title' },
  'note.loading': { fr: 'Ouverture de la note…', en: 'Opening the note…' },
  'note.waiting': {
    fr: 'Le serveur ne répond pas encore. La note s’ouvrira dès qu’il sera joignable.',
    en: 'The server does not answer yet. The note opens as soon as it can be reached.',
  },
  'note.menu': { fr: 'Exporter et réglages', en: 'Export and settings' },
  'note.copy': { fr: 'Copier l’adresse de la note', en: 'Copy the note’s address' },
  'note.copied': { fr: 'Adresse copiée', en: 'Address copied' },
  'note.print': { fr: 'Imprimer', en: 'Print' },
  'skip.text': { fr: 'Aller au texte', en: 'Skip to the text' },

  // Saved or not
  'status.connecting': { fr: 'Connexion…', en: 'Connecting…' },
  'status.saving': { fr: 'Enregistrement…', en: 'Saving…' },
  'status.saved': { fr: 'Enregistré', en: 'Saved' },
  'status.offline': { fr: 'Hors ligne', en: 'Offline' },
  'status.unsent': { fr: 'Hors ligne, sera envoyé', en: 'Offline, will be sent' },
  'status.readonly': { fr: 'Lecture seule', en: 'Read only' },
  'status.refused': { fr: 'Non enregistré', en: 'Not saved' },
  'status.closed': { fr: 'Fermée', en: 'Closed' },
  'status.saved.help': { fr: 'Tout est écrit sur le disque du serveur.', en: 'Everything is on the server’s disk.' },
  'status.saving.help': {
    fr: 'Le serveur n’a pas encore tout confirmé.',
    en: 'The server has not confirmed everything yet.',
  },
  'status.unsent.help': {
    fr: 'Vos modifications sont gardées sur cet appareil et partiront dès que le serveur répondra.',
    en: 'Your changes are kept on this device and leave as soon as the server answers.',
  },
  'way.short': { fr: 'secours', en: 'fallback' },
  'way.help': {
    fr: 'Ce réseau bloque les WebSockets : la note passe par des requêtes ordinaires, un peu moins vite.',
    en: 'This network blocks WebSockets: the note travels in ordinary requests, a little more slowly.',
  },
  'way.http': {
    fr: 'Ce réseau bloque la connexion directe. La note passe par une voie de secours : tout s’enregistre, un peu moins vite.',
    en: 'This network blocks the direct connection. The note takes a fallback: everything is saved, a little more slowly.',
  },
  'way.direct': {
    fr: 'La connexion directe fonctionne de nouveau.',
    en: 'The direct connection works again.',
  },
  'status.back': { fr: 'De nouveau en ligne', en: 'Back online' },

  // Loud messages
  'alert.refused': {
    fr: 'Le serveur a refusé vos dernières modifications : {reason}. Elles ne sont que sur cet appareil. Gardez cette page ouverte ou copiez votre texte.',
    en: 'The server refused your latest changes: {reason}. They are on this device only. Keep this page open or copy your text.',
  },
  'alert.readonly': {
    fr: 'Vous pouvez lire cette note, pas la modifier : ce que vous venez d’y écrire n’est pas enregistré.',
    en: 'You may read this note, not change it: what you have just written in it is not saved.',
  },
  'reason.readonly': { fr: 'cette note est en lecture seule', en: 'this note is read only' },
  'reason.full': { fr: 'le disque du serveur est plein', en: 'the server’s disk is full' },
  'reason.store': {
    fr: 'le serveur ne peut rien enregistrer en ce moment',
    en: 'the server cannot store anything now',
  },
  'reason.memory': { fr: 'le serveur manque de mémoire', en: 'the server is out of memory' },
  'reason.large': { fr: 'la note est trop longue', en: 'the note is too long' },
  'reason.readers': { fr: 'trop de personnes la lisent', en: 'too many people are reading it' },
  'reason.damaged': { fr: 'elle est endommagée', en: 'it is damaged' },
  'reason.foreign': {
    fr: 'elles s’appuient sur un texte que le serveur n’a pas encore reçu',
    en: 'they build on text the server has not received yet',
  },
  'alert.retry': { fr: 'Essayer à nouveau', en: 'Try again' },
  'alert.4401': { fr: 'Votre accès à cette note a pris fin.', en: 'Your access to this note has ended.' },
  'alert.4403': { fr: 'Vous n’avez pas le droit d’ouvrir cette note.', en: 'You may not open this note.' },
  'alert.4404': { fr: 'Cette note a été supprimée.', en: 'This note has been deleted.' },
  'alert.other': { fr: 'Le serveur a fermé cette note : {reason}', en: 'The server closed this note: {reason}' },
  'alert.later': {
    fr: 'Le serveur ne peut pas ouvrir cette note en ce moment : {reason}. Il est interrogé à nouveau sans cesse.',
    en: 'The server cannot open this note now: {reason}. It is being asked again and again.',
  },
  'alert.1009': {
    fr: 'Vos dernières modifications sont trop volumineuses pour le serveur. Elles ne sont que sur cet appareil.',
    en: 'Your latest changes are too large for the server. They are on this device only.',
  },
  'alert.nostore': {
    fr: 'Ce navigateur ne garde rien hors ligne : ne fermez pas la page avant de lire « Enregistré ».',
    en: 'This browser keeps nothing offline: do not close the page before it says “Saved”.',
  },
  'alert.foreign': {
    fr: 'Cette note contient des éléments que cet éditeur ne connaît pas ({names}). Pour ne rien perdre, elle s’affiche ici en lecture seule.',
    en: 'This note holds parts this editor does not know ({names}). So that nothing is lost, it is shown here read only.',
  },
  'alert.broken': {
    fr: 'L’éditeur s’est arrêté. Votre texte est gardé : rechargez la page.',
    en: 'The editor has stopped. Your text is kept: reload the page.',
  },
  'alert.close': { fr: 'Fermer ce message', en: 'Close this message' },

  // Export
  'export.heading': { fr: 'Exporter', en: 'Export' },
  'export.markdown': { fr: 'Markdown (.md)', en: 'Markdown (.md)' },
  'export.pdf': { fr: 'PDF (.pdf)', en: 'PDF (.pdf)' },
  'export.making': { fr: 'Le PDF se prépare…', en: 'The PDF is being made…' },
  'export.html': { fr: 'Page web (.html)', en: 'Web page (.html)' },
  'export.unsaved': {
    fr: 'L’export attend que tout soit enregistré. Réessayez quand « Enregistré » s’affiche.',
    en: 'The export waits until everything is saved. Try again when it says “Saved”.',
  },
  'export.failed': { fr: 'L’export a échoué : {reason}', en: 'The export failed: {reason}' },

  // People
  'people.present': { fr: 'Personnes présentes', en: 'People present' },
  'people.you': { fr: '{name} (vous)', en: '{name} (you)' },
  'people.count.one': { fr: '1 personne présente', en: '1 person present' },
  'people.count.many': { fr: '{count} personnes présentes', en: '{count} people present' },
  'people.guest': { fr: 'Invité', en: 'Guest' },
  'people.change': { fr: 'Changer mon nom', en: 'Change my name' },
  'name.heading': { fr: 'Comment vous appelez-vous ?', en: 'What is your name?' },
  'name.why': {
    fr: 'Les autres voient ce nom à côté de votre curseur. Il reste sur cet appareil.',
    en: 'The others see this name next to your cursor. It stays on this device.',
  },
  'name.field': { fr: 'Nom ou prénom', en: 'Name' },
  'name.colour': { fr: 'Couleur du curseur', en: 'Cursor colour' },
  'name.save': { fr: 'Continuer', en: 'Continue' },

  // Toolbar
  'tool.bar': { fr: 'Mise en forme', en: 'Formatting' },
  'tool.undo': { fr: 'Annuler', en: 'Undo' },
  'tool.redo': { fr: 'Rétablir', en: 'Redo' },
  'tool.style': { fr: 'Style du paragraphe', en: 'Paragraph style' },
  'tool.paragraph': { fr: 'Texte', en: 'Text' },
  'tool.heading1': { fr: 'Titre 1', en: 'Heading 1' },
  'tool.heading2': { fr: 'Titre 2', en: 'Heading 2' },
  'tool.heading3': { fr: 'Titre 3', en: 'Heading 3' },
  'tool.bold': { fr: 'Gras', en: 'Bold' },
  'tool.italic': { fr: 'Italique', en: 'Italic' },
  'tool.underline': { fr: 'Souligné', en: 'Underline' },
  'tool.strike': { fr: 'Barré', en: 'Strikethrough' },
  'tool.colour': { fr: 'Couleur du texte', en: 'Text colour' },
  'tool.colour.none': { fr: 'Couleur normale', en: 'Normal colour' },
  'tool.bullets': { fr: 'Liste à puces', en: 'Bullet list' },
  'tool.numbers': { fr: 'Liste numérotée', en: 'Numbered list' },
  'tool.tasks': { fr: 'Liste de tâches', en: 'Task list' },
  'tool.task': { fr: 'Fait', en: 'Done' },
  'tool.quote': { fr: 'Citation', en: 'Quote' },
  'tool.panel': { fr: 'Encadré', en: 'Panel' },
  'tool.panel.info': { fr: 'Information', en: 'Information' },
  'tool.panel.success': { fr: 'À retenir', en: 'Remember' },
  'tool.panel.warning': { fr: 'Attention', en: 'Warning' },
  'tool.panel.error': { fr: 'Danger', en: 'Danger' },
  'tool.panel.none': { fr: 'Retirer l’encadré', en: 'Remove the panel' },
  'tool.table': { fr: 'Tableau', en: 'Table' },
  'tool.table.insert': { fr: 'Insérer un tableau', en: 'Insert a table' },
  'tool.table.row.above': { fr: 'Ligne au-dessus', en: 'Row above' },
  'tool.table.row.below': { fr: 'Ligne au-dessous', en: 'Row below' },
  'tool.table.row.delete': { fr: 'Supprimer la ligne', en: 'Delete row' },
  'tool.table.column.before': { fr: 'Colonne à gauche', en: 'Column to the left' },
  'tool.table.column.after': { fr: 'Colonne à droite', en: 'Column to the right' },
  'tool.table.column.delete': { fr: 'Supprimer la colonne', en: 'Delete column' },
  'tool.table.header': { fr: 'Ligne d’en-tête', en: 'Header row' },
  'tool.table.merge': { fr: 'Fusionner ou scinder les cellules', en: 'Merge or split cells' },
  'tool.table.delete': { fr: 'Supprimer le tableau', en: 'Delete table' },
  'tool.rule': { fr: 'Séparateur', en: 'Separator' },
  'tool.code': { fr: 'Code dans la ligne', en: 'Inline code' },
  'tool.codeblock': { fr: 'Bloc de code', en: 'Code block' },
  'tool.link': { fr: 'Lien', en: 'Link' },
  'link.heading': { fr: 'Lien', en: 'Link' },
  'link.address': { fr: 'Adresse', en: 'Address' },
  'link.text': { fr: 'Texte affiché', en: 'Text to show' },
  'link.save': { fr: 'Appliquer', en: 'Apply' },
  'link.remove': { fr: 'Retirer le lien', en: 'Remove link' },
  'link.bad': {
    fr: 'Cette adresse ne peut pas servir de lien. Exemple : https://exemple.fr',
    en: 'This address cannot be a link. Example: https://example.org',
  },

  // Colours, as words for those who do not see them
  'colour.grey': { fr: 'Gris', en: 'Grey' },
  'colour.red': { fr: 'Rouge', en: 'Red' },
  'colour.orange': { fr: 'Orange', en: 'Orange' },
  'colour.green': { fr: 'Vert', en: 'Green' },
  'colour.teal': { fr: 'Turquoise', en: 'Teal' },
  'colour.blue': { fr: 'Bleu', en: 'Blue' },
  'colour.violet': { fr: 'Violet', en: 'Violet' },
  'colour.pink': { fr: 'Rose', en: 'Pink' },

  // Everywhere
  'language.label': { fr: 'Langue', en: 'Language' },
  'dialog.cancel': { fr: 'Annuler', en: 'Cancel' },
  'error.converter': {
    fr: 'ce serveur ne sait pas faire de PDF ; « Imprimer » le peut',
    en: 'this server cannot make PDFs; “Print” can',
  },
  'error.network': { fr: 'le serveur ne répond pas', en: 'the server does not answer' },
  'error.status': { fr: 'réponse {status} du serveur', en: 'the server answered {status}' },
}
