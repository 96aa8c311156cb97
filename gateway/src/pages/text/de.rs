//! German.

use super::{Notice, Notices, Problems, Text};

pub(super) static TEXT: Text = Text {
    language: "de",
    sign_in: "Anmelden",
    continue_to: "und weiter zu {}",
    email: "E-Mail-Adresse",
    next: "Weiter",
    enter_password: "Passwort eingeben",
    password: "Passwort",
    password_hint: "Wenn Sie ein Einmalpasswort erhalten haben, geben Sie es hier ein.",
    other_address: "Andere Adresse verwenden",
    choose_password: "Passwort wählen",
    password_rule: "Mindestens 12 Zeichen. Einige Wörter, die nur Sie so zusammenstellen würden, sind leicht zu merken und schwer zu erraten.",
    new_password: "Neues Passwort",
    repeated: "Dasselbe Passwort noch einmal",
    save: "Speichern und anmelden",
    busy: "Gerade melden sich viele Personen an. Versuchen Sie es gleich noch einmal.",
    account: "Ihr Konto",
    sessions: "Wo Sie angemeldet sind",
    this_browser: "Dieser Browser",
    last_used: "Zuletzt verwendet: {}",
    end: "Abmelden",
    end_session: "Von {} abmelden",
    sign_out: "In diesem Browser abmelden",
    test_result: "Was der Test ergab",
    begin_again: "Neu beginnen",
    reference: "Referenz",
    signed_out: Notice {
        title: "Sie sind abgemeldet",
        message: "Dieser Browser kann Ihr Konto nicht mehr verwenden.",
    },
    problems: Problems {
        wrong_credentials: "E-Mail-Adresse und Passwort passen nicht zusammen.",
        too_many_tries: "Zu viele Versuche. Warten Sie eine Weile und versuchen Sie es dann erneut.",
        invalid_email: "Das ist keine E-Mail-Adresse.",
        too_short: "Das Passwort braucht mindestens 12 Zeichen.",
        too_long: "Das Passwort darf höchstens 128 Zeichen haben.",
        too_common: "Dieses Passwort steht auf Listen häufiger Passwörter. Wählen Sie ein anderes.",
        is_address: "Das Passwort darf nicht Ihre E-Mail-Adresse sein.",
        differ: "Die beiden Passwörter sind nicht gleich.",
        ended: "Das hat zu lange gedauert. Beginnen Sie neu.",
        other: "Das hat nicht geklappt. Versuchen Sie es noch einmal.",
    },
    notices: Notices {
        unreadable: Notice {
            title: "Das ist nicht lesbar",
            message: "Was Ihr Browser gesendet hat, ist keines unserer Formulare.",
        },
        foreign: Notice {
            title: "Dieses Formular gilt nicht",
            message: "Es kommt von einer anderen Seite oder ist zu alt.",
        },
        missing: Notice {
            title: "Hier ist nichts",
            message: "Diese Seite gibt es nicht.",
        },
        too_many: Notice {
            title: "Zu viele Anfragen",
            message: "Warten Sie einen Moment und versuchen Sie es dann erneut.",
        },
        unavailable: Notice {
            title: "Gerade nicht verfügbar",
            message: "Versuchen Sie es gleich noch einmal.",
        },
        internal: Notice {
            title: "Etwas ist schiefgegangen",
            message: "Der Fehler liegt bei uns. Versuchen Sie es noch einmal; tritt er wieder auf, nennen Sie Ihrem Administrator die Referenz unten.",
        },
        ended: Notice {
            title: "Diese Anmeldung ist vorbei",
            message: "Sie hat zu lange gedauert oder wurde in einem anderen Fenster beendet.",
        },
        client_unknown: Notice {
            title: "Unbekannte Anwendung",
            message: "Die Anwendung, die Sie hierher geschickt hat, ist nicht registriert. Sagen Sie es ihrem Betreiber.",
        },
        redirect_unknown: Notice {
            title: "Falsche Rücksprungadresse",
            message: "Die Anwendung, die Sie hierher geschickt hat, nannte eine Adresse, die nicht registriert ist. Sagen Sie es ihrem Betreiber.",
        },
    },
};
