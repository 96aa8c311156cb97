//! A sign-in under way: a small machine that remembers how far somebody has come.
//!
//! It only tells what is to be done next. That a password is right it cannot know; it is told so with
//! [`Flow::proved`], and only that, or a new password after it, makes a [`Passed`], without which there
//! is no session.

use chrono::TimeDelta;
use kit::{email::Email, id::PartnerId};
use serde::{Deserialize, Serialize};

use super::{
    language::Language,
    one_time_password::OneTimePassword,
    organization::OrganizationId,
    password::{self, Password},
    person::PersonId,
    provider::ConnectionId,
};

#[cfg(test)]
mod tests;

/// A sign-in ends by itself after this.
pub(crate) const LIFE: TimeDelta = TimeDelta::minutes(30);

/// A person, with the way to its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    /// The tenant.
    pub(crate) partner: PartnerId,
    /// The organization.
    pub(crate) organization: OrganizationId,
    /// The person.
    pub(crate) person: PersonId,
}

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Nothing is known.
    Identify,
    /// An address was typed; whether anybody has it is not asked before there is a password.
    Password,
    /// Sent to the provider of the organization, and not back yet.
    Away(ConnectionId),
    /// A password that is good once was right: the person chooses its own.
    NewPassword(Account),
}

/// A sign-in under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flow {
    /// How far it has come.
    pub(crate) stage: Stage,
    /// The address as it was typed, in its one form.
    pub(crate) email: String,
    /// Language of its pages.
    pub(crate) language: Language,
}

/// What somebody did on a page.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    /// Typed an address.
    Address(String),
    /// Typed a password.
    Password(String),
    /// Typed a new password, twice.
    NewPassword(String, String),
    /// Wants to begin again.
    Restart,
    /// Something that no page of ours offers.
    Unknown,
}

/// What is wrong with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Not an e-mail address.
    InvalidEmail,
    /// Unknown, wrong, or not to sign in: which of them stays unsaid (A30).
    WrongCredentials,
    /// Too many failures; also said to those who would be right.
    TooManyTries,
    /// The sign-in was over, or there was none.
    Ended,
    /// The new passwords are not the same.
    Differ,
    /// A new password that is no good.
    Unfit(password::Unfit),
}

impl Problem {
    /// As pages know it.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::InvalidEmail => "INVALID_EMAIL",
            Self::WrongCredentials => "WRONG_CREDENTIALS",
            Self::TooManyTries => "TOO_MANY_TRIES",
            Self::Ended => "SIGN_IN_ENDED",
            Self::Differ => "PASSWORDS_DIFFER",
            Self::Unfit(unfit) => unfit.reason(),
        }
    }
}

/// What a person is to be recognised by.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// The person's own password.
    Password(Password),
    /// One that is good once.
    OneTime(OneTimePassword),
}

/// What is to be done about an input.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Show the page of the stage.
    Show(Option<Problem>),
    /// Find out how whoever has this address signs in, and say so with [`Flow::routed`].
    Route(Email),
    /// Find out whether this is right, and say so with [`Flow::proved`].
    Prove(Email, Credential),
    /// Keep the new password, then [`Flow::chosen`].
    Keep(Account, Password),
}

/// How somebody proved who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// With its password.
    Password,
    /// With one that is good once.
    OneTime,
}

/// A sign-in that came to its end. Nothing outside of this module makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    account: Account,
    /// How it was proved, as RFC 8176 calls it.
    method: &'static str,
}

/// With a password, one's own or one that is good once.
const BY_PASSWORD: &str = "pwd";

impl Passed {
    /// Who it is.
    pub(crate) fn account(self) -> Account {
        self.account
    }

    /// How it was proved, as RFC 8176 calls it.
    pub(crate) fn methods(self) -> Vec<String> {
        vec![self.method.to_owned()]
    }
}

/// What a proof leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Onward {
    /// The next page.
    Flow(Flow),
    /// The end.
    Passed(Passed),
}

impl Flow {
    /// One that begins.
    pub(crate) fn new(language: Language) -> Self {
        Self {
            stage: Stage::Identify,
            email: String::new(),
            language,
        }
    }

    /// Goes on with an input. What does not belong to the stage changes nothing.
    pub(crate) fn step(&mut self, input: Input) -> Step {
        match (&self.stage, input) {
            (Stage::Identify | Stage::Away(_), Input::Address(text)) => self.identify(&text),
            (Stage::Password | Stage::Away(_) | Stage::NewPassword(_), Input::Restart) => {
                *self = Self::new(self.language);
                Step::Show(None)
            }
            (Stage::Password, Input::Password(text)) => self.prove(&text),
            (Stage::NewPassword(account), Input::NewPassword(first, second)) => {
                self.choose(*account, &first, &second)
            }
            _ => Step::Show(None),
        }
    }

    fn identify(&mut self, text: &str) -> Step {
        let Some(email) = Email::parse(text) else {
            return Step::Show(Some(Problem::InvalidEmail));
        };
        email.as_str().clone_into(&mut self.email);
        self.stage = Stage::Identify;
        Step::Route(email)
    }

    /// Whoever has the address signs in through this provider, or with a password.
    pub(crate) fn routed(&mut self, through: Option<ConnectionId>) {
        if self.stage == Stage::Identify && !self.email.is_empty() {
            self.stage = through.map_or(Stage::Password, Stage::Away);
        }
    }

    fn prove(&mut self, text: &str) -> Step {
        let Some(email) = Email::parse(&self.email) else {
            *self = Self::new(self.language);
            return Step::Show(None);
        };
        if let Some(password) = OneTimePassword::parse(text) {
            return Step::Prove(email, Credential::OneTime(password));
        }
        match Password::typed(text) {
            Some(password) => Step::Prove(email, Credential::Password(password)),
            None => Step::Show(Some(Problem::WrongCredentials)),
        }
    }

    fn choose(&self, account: Account, first: &str, second: &str) -> Step {
        if first != second {
            return Step::Show(Some(Problem::Differ));
        }
        match Password::choose(first, &self.email) {
            Ok(password) => Step::Keep(account, password),
            Err(unfit) => Step::Show(Some(Problem::Unfit(unfit))),
        }
    }

    /// A password was right. Only where one was asked for; else nothing changes.
    pub(crate) fn proved(mut self, account: Account, proof: Proof) -> Onward {
        match (&self.stage, proof) {
            (Stage::Password, Proof::Password) => Onward::Passed(Passed {
                account,
                method: BY_PASSWORD,
            }),
            (Stage::Password, Proof::OneTime) => {
                self.stage = Stage::NewPassword(account);
                Onward::Flow(self)
            }
            _ => Onward::Flow(self),
        }
    }

    /// The new password is kept; none where none was asked for.
    pub(crate) fn chosen(&self) -> Option<Passed> {
        match &self.stage {
            Stage::NewPassword(account) => Some(Passed {
                account: *account,
                method: BY_PASSWORD,
            }),
            Stage::Identify | Stage::Password | Stage::Away(_) => None,
        }
    }
}
