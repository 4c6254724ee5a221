"""The words of our documents in four languages; the law's own sentences come from the country's data."""

from __future__ import annotations

from typing import Final

_WORDS: Final[dict[str, tuple[str, str, str, str]]] = {
    # name: (fr, nl, en, de)
    "invoice": ("Facture", "Factuur", "Invoice", "Rechnung"),
    "credit_note": ("Note de crédit", "Creditnota", "Credit note", "Gutschrift"),
    "quote": ("Devis", "Offerte", "Quote", "Angebot"),
    "number": ("Numéro", "Nummer", "Number", "Nummer"),
    "issue_date": ("Date", "Datum", "Date", "Datum"),
    "due_date": ("Échéance", "Vervaldatum", "Due date", "Fällig am"),
    "tax_point": ("Date de la prestation", "Datum van de prestatie", "Date of supply", "Leistungsdatum"),
    "period": ("Période", "Periode", "Period", "Zeitraum"),
    "buyer_reference": ("Votre référence", "Uw referentie", "Your reference", "Ihre Referenz"),
    "order": ("Commande", "Bestelling", "Order", "Bestellung"),
    "project": ("Activité", "Activiteit", "Activity", "Aktivität"),
    "corrects": ("Corrige la facture", "Corrigeert factuur", "Corrects invoice", "Korrigiert Rechnung"),
    "seller": ("Vendeur", "Verkoper", "Seller", "Verkäufer"),
    "buyer": ("Client", "Klant", "Bill to", "Kunde"),
    "vat_number": ("TVA", "Btw", "VAT", "USt-IdNr."),
    "enterprise_number": (
        "Numéro d'entreprise",
        "Ondernemingsnummer",
        "Enterprise number",
        "Unternehmensnummer",
    ),
    "description": ("Description", "Omschrijving", "Description", "Beschreibung"),
    "quantity": ("Quantité", "Aantal", "Quantity", "Menge"),
    "unit_price": ("Prix unitaire", "Eenheidsprijs", "Unit price", "Einzelpreis"),
    "vat": ("TVA", "Btw", "VAT", "USt."),
    "amount": ("Montant", "Bedrag", "Amount", "Betrag"),
    "without_vat": ("Total hors TVA", "Totaal excl. btw", "Total without VAT", "Summe ohne USt."),
    "total_vat": ("Total TVA", "Totaal btw", "Total VAT", "Summe USt."),
    "with_vat": ("Total TVA comprise", "Totaal incl. btw", "Total with VAT", "Summe mit USt."),
    "paid": ("Déjà payé", "Reeds betaald", "Already paid", "Bereits bezahlt"),
    "rounding": ("Arrondi", "Afronding", "Rounding", "Rundung"),
    "due": ("À payer", "Te betalen", "Amount due", "Zu zahlen"),
    "credited": ("À votre crédit", "In uw voordeel", "To your credit", "Zu Ihren Gunsten"),
    "taxable": ("Base", "Maatstaf", "Taxable amount", "Bemessung"),
    "rate": ("Taux", "Tarief", "Rate", "Satz"),
    "vat_table": ("Détail de la TVA", "Btw-overzicht", "VAT breakdown", "USt.-Aufstellung"),
    "payment": ("Paiement", "Betaling", "Payment", "Zahlung"),
    "account": ("Compte", "Rekening", "Account", "Konto"),
    "beneficiary": ("Bénéficiaire", "Begunstigde", "Beneficiary", "Empfänger"),
    "communication": ("Communication", "Mededeling", "Reference", "Mitteilung"),
    "scan": (
        "À scanner avec votre application bancaire",
        "Scan met uw bankapp",
        "Scan with your banking app",
        "Mit Ihrer Banking-App scannen",
    ),
    "page": ("Page", "Pagina", "Page", "Seite"),
    "of": ("sur", "van", "of", "von"),
    "attached": (
        "La facture électronique (UBL) est jointe à ce fichier.",
        "De elektronische factuur (UBL) zit in dit bestand.",
        "The electronic invoice (UBL) is attached to this file.",
        "Die elektronische Rechnung (UBL) ist dieser Datei beigefügt.",
    ),
    "allowance": ("Remise", "Korting", "Discount", "Nachlass"),
    "charge": ("Supplément", "Toeslag", "Charge", "Zuschlag"),
    # The page behind the signed link.
    "quote_from": ("Devis de", "Offerte van", "Quote from", "Angebot von"),
    "quote_for": ("Pour", "Voor", "For", "Für"),
    "activity": ("Activité", "Activiteit", "Activity", "Aktivität"),
    "valid_until": ("Valable jusqu'au", "Geldig tot en met", "Valid until", "Gültig bis"),
    "term": ("Délai de paiement", "Betaaltermijn", "Payment term", "Zahlungsfrist"),
    "term_days": (
        "{days} jours à dater de la facture",
        "{days} dagen na factuurdatum",
        "{days} days from the invoice date",
        "{days} Tage ab Rechnungsdatum",
    ),
    "work_dates": ("Dates du travail", "Data van het werk", "Dates of the work", "Arbeitszeitraum"),
    "work": ("Travail proposé", "Voorgesteld werk", "Proposed work", "Angebotene Arbeit"),
    "terms": ("Conditions", "Voorwaarden", "Terms", "Bedingungen"),
    "total": ("Total", "Totaal", "Total", "Summe"),
    "decision": ("Votre décision", "Uw beslissing", "Your decision", "Ihre Entscheidung"),
    "your_name": ("Votre nom", "Uw naam", "Your name", "Ihr Name"),
    "your_name_hint": (
        "Prénom et nom de la personne qui décide pour {buyer}.",
        "Voor- en achternaam van wie beslist namens {buyer}.",
        "First and last name of the person who decides for {buyer}.",
        "Vor- und Nachname der Person, die für {buyer} entscheidet.",
    ),
    "consent": (
        "Je confirme, au nom de {buyer}, la commande {number} au prix de {total}, TVA comprise.",
        "Ik bevestig namens {buyer} de bestelling {number} voor de prijs van {total}, btw inbegrepen.",
        "I confirm, on behalf of {buyer}, order {number} at the price of {total}, VAT included.",
        "Ich bestätige im Namen von {buyer} die Bestellung {number} für {total} einschließlich USt.",
    ),
    "confirm": (
        "Confirmer la commande",
        "Bestelling bevestigen",
        "Confirm the order",
        "Bestellung bestätigen",
    ),
    "refuse_intro": (
        "Ce devis ne vous convient pas ?",
        "Past deze offerte niet?",
        "This quote does not suit you?",
        "Passt Ihnen dieses Angebot nicht?",
    ),
    "reason": (
        "Votre raison (facultatif)",
        "Uw reden (facultatief)",
        "Your reason (optional)",
        "Ihr Grund (freiwillig)",
    ),
    "refuse": ("Refuser le devis", "Offerte weigeren", "Refuse the quote", "Angebot ablehnen"),
    "skip": ("Aller à votre décision", "Naar uw beslissing", "Go to your decision", "Zu Ihrer Entscheidung"),
    "problem": (
        "Une chose manque encore",
        "Er ontbreekt nog iets",
        "One thing is still missing",
        "Eines fehlt noch",
    ),
    "employer_note": (
        "Le travail est réalisé pour l'activité «\u00a0{activity}\u00a0» et facturé par {seller}, "
        "qui emploie la personne qui le réalise.",
        "Het werk wordt uitgevoerd voor de activiteit “{activity}” en gefactureerd door {seller}, "
        "de werkgever van wie het uitvoert.",
        "The work is carried out for the activity “{activity}” and invoiced by {seller}, "
        "which employs the person who does it.",
        "Die Arbeit wird für die Aktivität „{activity}“ ausgeführt und von {seller} berechnet, "
        "dem Arbeitgeber der ausführenden Person.",
    ),
    "confirmed_title": (
        "Merci, la commande est confirmée",
        "Dank u, de bestelling is bevestigd",
        "Thank you, the order is confirmed",
        "Danke, die Bestellung ist bestätigt",
    ),
    "confirmed_text": (
        "Vous n'avez plus rien à faire. La facture vous parviendra quand le travail sera terminé.",
        "U hoeft niets meer te doen. U ontvangt de factuur wanneer het werk klaar is.",
        "There is nothing more for you to do. You will receive the invoice when the work is done.",
        "Sie müssen nichts weiter tun. Die Rechnung erhalten Sie, wenn die Arbeit erledigt ist.",
    ),
    "refused_title": (
        "Le devis est refusé",
        "De offerte is geweigerd",
        "The quote is refused",
        "Das Angebot ist abgelehnt",
    ),
    "refused_text": (
        "La décision est transmise à l'activité «\u00a0{activity}\u00a0». "
        "Écrivez-nous si vous souhaitez un autre devis.",
        "De beslissing is doorgegeven aan de activiteit “{activity}”. "
        "Schrijf ons als u een andere offerte wenst.",
        "Your decision is passed on to the activity “{activity}”. "
        "Write to us if you would like another quote.",
        "Die Entscheidung geht an die Aktivität „{activity}“. "
        "Schreiben Sie uns, wenn Sie ein anderes Angebot wünschen.",
    ),
    "withdrawn_title": (
        "Ce devis a été retiré",
        "Deze offerte is ingetrokken",
        "This quote was withdrawn",
        "Dieses Angebot wurde zurückgezogen",
    ),
    "withdrawn_text": (
        "Il n'est plus possible d'y répondre. "
        "L'activité «\u00a0{activity}\u00a0» peut vous en envoyer un nouveau.",
        "U kunt er niet meer op antwoorden. De activiteit “{activity}” kan u een nieuwe sturen.",
        "It can no longer be answered. The activity “{activity}” can send you a new one.",
        "Es kann nicht mehr beantwortet werden. Die Aktivität „{activity}“ kann Ihnen ein neues senden.",
    ),
    "cancelled_title": (
        "Cette commande est annulée",
        "Deze bestelling is geannuleerd",
        "This order is cancelled",
        "Diese Bestellung ist storniert",
    ),
    "cancelled_text": (
        "Elle a été annulée le {day}, sans travail réalisé. Vous ne devez rien.",
        "Ze werd op {day} geannuleerd, zonder dat er gewerkt werd. U bent niets verschuldigd.",
        "It was cancelled on {day} and no work was done. You owe nothing.",
        "Sie wurde am {day} storniert, ohne dass gearbeitet wurde. Sie schulden nichts.",
    ),
    "cancelled_part_text": (
        "Elle a été annulée le {day}. La part réalisée jusque-là, {price} hors TVA, vous est facturée.",
        "Ze werd op {day} geannuleerd. "
        "Het tot dan uitgevoerde deel, {price} zonder btw, wordt u gefactureerd.",
        "It was cancelled on {day}. The part done by then, {price} without VAT, is invoiced to you.",
        "Sie wurde am {day} storniert. "
        "Der bis dahin erledigte Teil, {price} ohne MwSt., wird Ihnen berechnet.",
    ),
    "expired_title": (
        "Ce devis n'est plus valable",
        "Deze offerte is niet meer geldig",
        "This quote is no longer valid",
        "Dieses Angebot ist nicht mehr gültig",
    ),
    "expired_text": (
        "Sa date de validité est passée. "
        "Demandez simplement un nouveau devis à l'activité «\u00a0{activity}\u00a0».",
        "De geldigheidsdatum is voorbij. Vraag gewoon een nieuwe offerte aan de activiteit “{activity}”.",
        "Its last day has passed. Simply ask the activity “{activity}” for a new quote.",
        "Der letzte Gültigkeitstag ist vorbei. "
        "Bitten Sie die Aktivität „{activity}“ einfach um ein neues Angebot.",
    ),
    "invalid_title": (
        "Ce lien ne fonctionne pas",
        "Deze link werkt niet",
        "This link does not work",
        "Dieser Link funktioniert nicht",
    ),
    "invalid_text": (
        "Il est peut-être incomplet ou trop ancien. Ouvrez-le de nouveau depuis le message reçu, "
        "ou demandez un nouveau lien à la personne qui vous l'a envoyé.",
        "Misschien is hij onvolledig of te oud. Open hem opnieuw vanuit het bericht dat u kreeg, "
        "of vraag een nieuwe link aan wie hem stuurde.",
        "It may be incomplete or too old. Open it again from the message you received, "
        "or ask the person who sent it for a new link.",
        "Vielleicht ist er unvollständig oder zu alt. Öffnen Sie ihn erneut aus der Nachricht, "
        "oder bitten Sie die Person, die ihn gesendet hat, um einen neuen Link.",
    ),
    "problem_consent": (
        "Cochez la phrase qui confirme votre accord.",
        "Vink de zin aan waarmee u akkoord gaat.",
        "Please tick the sentence that confirms your agreement.",
        "Bitte kreuzen Sie den Satz an, mit dem Sie zustimmen.",
    ),
    "problem_name": (
        "Indiquez le nom de la personne qui décide.",
        "Vul de naam in van wie beslist.",
        "Please give the name of the person who decides.",
        "Bitte geben Sie den Namen der Person an, die entscheidet.",
    ),
    "problem_too_long": (
        "Ce texte est trop long.",
        "Deze tekst is te lang.",
        "This text is too long.",
        "Dieser Text ist zu lang.",
    ),
    "problem_not_plain": (
        "Ce texte contient des caractères invisibles ; écrivez-le de nouveau.",
        "Deze tekst bevat onzichtbare tekens; schrijf hem opnieuw.",
        "This text contains invisible characters; please write it again.",
        "Dieser Text enthält unsichtbare Zeichen; bitte schreiben Sie ihn neu.",
    ),
    # The message that brings the link.
    "mail_order_subject": (
        "Devis {number} de {seller}",
        "Offerte {number} van {seller}",
        "Quote {number} from {seller}",
        "Angebot {number} von {seller}",
    ),
    "mail_order_text": (
        "Bonjour,\n\n{seller} vous adresse un devis : {title}.\n"
        "Vous pouvez le lire, le confirmer ou le refuser ici, jusqu'au {valid_until} :\n\n{link}\n\n"
        "Ce lien est personnel : qui le possède peut décider. {seller}\n",
        "Goeiedag,\n\n{seller} stuurt u een offerte: {title}.\n"
        "U kunt ze hier lezen, bevestigen of weigeren, tot en met {valid_until}:\n\n{link}\n\n"
        "Deze link is persoonlijk: wie hem heeft, kan beslissen. {seller}\n",
        "Hello,\n\n{seller} sends you a quote: {title}.\n"
        "You can read it, confirm it or refuse it here, until {valid_until}:\n\n{link}\n\n"
        "This link is personal: whoever has it can decide. {seller}\n",
        "Guten Tag,\n\n{seller} sendet Ihnen ein Angebot: {title}.\n"
        "Sie können es hier lesen, bestätigen oder ablehnen, bis {valid_until}:\n\n{link}\n\n"
        "Dieser Link ist persönlich: Wer ihn hat, kann entscheiden. {seller}\n",
    ),
    "mail_invoice_subject": (
        "Facture {number} de {seller}",
        "Factuur {number} van {seller}",
        "Invoice {number} from {seller}",
        "Rechnung {number} von {seller}",
    ),
    "mail_invoice_text": (
        "Bonjour,\n\nVous trouverez ci-joint la facture {number}, à payer pour le {due_date}.\n\n{seller}\n",
        "Goeiedag,\n\nIn bijlage vindt u factuur {number}, te betalen uiterlijk op {due_date}.\n\n{seller}\n",
        "Hello,\n\nPlease find attached invoice {number}, due on {due_date}.\n\n{seller}\n",
        "Guten Tag,\n\nanbei erhalten Sie die Rechnung {number}, zahlbar bis {due_date}.\n\n{seller}\n",
    ),
    "mail_credit_note_subject": (
        "Note de crédit {number} de {seller}",
        "Creditnota {number} van {seller}",
        "Credit note {number} from {seller}",
        "Gutschrift {number} von {seller}",
    ),
    "mail_credit_note_text": (
        "Bonjour,\n\nLa note de crédit {number} ci-jointe annule la facture {preceding} : "
        "vous n'avez rien à payer pour elle.\n\n{seller}\n",
        "Goeiedag,\n\nDe creditnota {number} in bijlage doet factuur {preceding} teniet: "
        "u hoeft er niets voor te betalen.\n\n{seller}\n",
        "Hello,\n\nThe attached credit note {number} takes back invoice {preceding}: "
        "there is nothing to pay for it.\n\n{seller}\n",
        "Guten Tag,\n\ndie beiliegende Gutschrift {number} hebt die Rechnung {preceding} auf: "
        "Dafür ist nichts zu zahlen.\n\n{seller}\n",
    ),
    "questions": ("Une question ?", "Een vraag?", "A question?", "Eine Frage?"),
}
_COLUMN: Final = {"fr": 0, "nl": 1, "en": 2, "de": 3}


def word(name: str, language: str, **facts: str) -> str:
    """A word or sentence in a language, with its facts filled in."""
    text = _WORDS[name][_COLUMN[language]]
    for fact, value in facts.items():
        text = text.replace(f"{{{fact}}}", value)
    return text
