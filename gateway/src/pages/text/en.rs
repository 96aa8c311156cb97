//! English.

use super::{Notice, Notices, Problems, Text};

pub(super) static TEXT: Text = Text {
    language: "en",
    sign_in: "Sign in",
    continue_to: "to continue to {}",
    email: "Email address",
    next: "Next",
    enter_password: "Enter your password",
    password: "Password",
    password_hint: "If you were given a one-time password, enter it here.",
    other_address: "Use another address",
    choose_password: "Choose your password",
    password_rule: "At least 12 characters. A few words that only you would put together are easy to remember and hard to guess.",
    new_password: "New password",
    repeated: "The same password again",
    save: "Save and sign in",
    busy: "Many people are signing in right now. Try again in a moment.",
    account: "Your account",
    sessions: "Where you are signed in",
    this_browser: "This browser",
    last_used: "Last used {}",
    end: "Sign out",
    end_session: "Sign out of {}",
    sign_out: "Sign out of this browser",
    test_result: "What the test found",
    begin_again: "Begin again",
    reference: "Reference",
    signed_out: Notice {
        title: "You are signed out",
        message: "This browser can no longer use your account.",
    },
    problems: Problems {
        wrong_credentials: "The email address and the password do not match.",
        too_many_tries: "Too many tries. Wait a while, then try again.",
        invalid_email: "This is not an email address.",
        too_short: "The password needs at least 12 characters.",
        too_long: "The password may have at most 128 characters.",
        too_common: "This password is on lists of common passwords. Choose another one.",
        is_address: "The password must not be your email address.",
        differ: "The two passwords are not the same.",
        ended: "This took too long. Begin again.",
        other: "That did not work. Try again.",
    },
    notices: Notices {
        unreadable: Notice {
            title: "This cannot be read",
            message: "What your browser sent is not one of our forms.",
        },
        foreign: Notice {
            title: "This form is not valid",
            message: "It comes from another page or is too old.",
        },
        missing: Notice {
            title: "Nothing is here",
            message: "The page does not exist.",
        },
        too_many: Notice {
            title: "Too many requests",
            message: "Wait a moment, then try again.",
        },
        unavailable: Notice {
            title: "Not available right now",
            message: "Try again in a moment.",
        },
        internal: Notice {
            title: "Something went wrong",
            message: "It is our fault. Try again; if it happens again, tell your administrator the reference below.",
        },
        ended: Notice {
            title: "This sign-in is over",
            message: "It took too long, or it was finished in another window.",
        },
        client_unknown: Notice {
            title: "Unknown application",
            message: "The application that sent you here is not registered. Tell whoever runs it.",
        },
        redirect_unknown: Notice {
            title: "Wrong return address",
            message: "The application that sent you here gave an address that is not registered. Tell whoever runs it.",
        },
    },
};
