//! What users and groups consist of: one table, by which documents are read and searched, and which is
//! published as `/Schemas`. What does not stand here is neither taken nor told.

/// The core schema of users.
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of people who work for somebody.
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The core schema of groups.
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Users or groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// People.
    User,
    /// Groups of people.
    Group,
}

impl Kind {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::User, Self::Group];

    /// As the standard calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// Where it is served.
    pub(crate) fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }

    /// Its core schema.
    pub(crate) fn core(self) -> &'static Schema {
        match self {
            Self::User => &USERS,
            Self::Group => &GROUPS,
        }
    }

    /// What comes on top.
    pub(crate) fn extensions(self) -> &'static [&'static Schema] {
        match self {
            Self::User => &[&WORKERS],
            Self::Group => &[],
        }
    }
}

/// A schema.
#[derive(Debug)]
pub(crate) struct Schema {
    /// Its URN.
    pub(crate) id: &'static str,
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) text: &'static str,
    /// What it consists of.
    pub(crate) attributes: &'static [Attribute],
}

/// An attribute, or a part of one.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the characteristics of RFC 7643 section 7"
)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) text: &'static str,
    /// What it holds.
    pub(crate) form: Form,
    /// Holds several.
    pub(crate) many: bool,
    /// Is always there.
    pub(crate) required: bool,
    /// Upper and lower case differ.
    pub(crate) exact: bool,
    /// Who may change it.
    pub(crate) access: Access,
    /// No two of an organization have the same.
    pub(crate) unique: bool,
    /// The values that it can have; any when there are none.
    pub(crate) known: &'static [&'static str],
}

/// What an attribute holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// A text.
    Text,
    /// True or false.
    Flag,
    /// A whole number.
    Number,
    /// A point in time.
    Time,
    /// A URL: of one of these kinds of resources, or `external`.
    Link(&'static [&'static str]),
    /// Parts.
    Parts(&'static [Attribute]),
}

/// Who may change an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The client.
    Write,
    /// The client, as long as it is not set.
    Once,
    /// Nobody but us.
    Read,
}

impl Attribute {
    pub(super) const fn new(name: &'static str, text: &'static str, form: Form) -> Self {
        Self {
            name,
            text,
            form,
            many: false,
            required: false,
            exact: false,
            access: Access::Write,
            unique: false,
            known: &[],
        }
    }

    pub(super) const fn many(self) -> Self {
        Self { many: true, ..self }
    }

    pub(super) const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    pub(super) const fn exact(self) -> Self {
        Self {
            exact: true,
            ..self
        }
    }

    const fn unique(self) -> Self {
        Self {
            unique: true,
            ..self
        }
    }

    pub(super) const fn access(self, access: Access) -> Self {
        Self { access, ..self }
    }

    const fn known(self, known: &'static [&'static str]) -> Self {
        Self { known, ..self }
    }

    /// The parts that it consists of.
    pub(crate) fn parts(&self) -> &'static [Self] {
        match self.form {
            Form::Parts(parts) => parts,
            _ => &[],
        }
    }

    /// The part that stands for the whole.
    pub(crate) fn value(&self) -> Option<&'static Self> {
        named(self.parts(), "value")
    }
}

/// The attribute with this name, in whatever case.
pub(crate) fn named(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

const fn text(name: &'static str, about: &'static str) -> Attribute {
    Attribute::new(name, about, Form::Text)
}

const fn flag(name: &'static str, about: &'static str) -> Attribute {
    Attribute::new(name, about, Form::Flag)
}

const fn parts(name: &'static str, about: &'static str, parts: &'static [Attribute]) -> Attribute {
    Attribute::new(name, about, Form::Parts(parts))
}

const PRIMARY: Attribute = flag("primary", "The one to use; at most one is.");

/// What every resource has; the standard lists it in no schema.
pub(crate) const COMMON: &[Attribute] = &[
    text("id", "Our id.").exact().access(Access::Read),
    text("externalId", "The id in the client's directory.")
        .exact()
        .unique(),
    parts(
        "meta",
        "About the resource.",
        &[
            text("resourceType", "Users or groups.").exact(),
            Attribute::new("created", "When it was added.", Form::Time),
            Attribute::new("lastModified", "When it was last changed.", Form::Time),
            Attribute::new("location", "Where it is.", Form::Link(&["uri"])).exact(),
            text("version", "Its version.").exact(),
        ],
    )
    .access(Access::Read),
];

const USERS: Schema = Schema {
    id: USER,
    name: "User",
    text: "A person of the organization",
    attributes: &[
        text("userName", "The name of the person in the client's directory. One that is an e-mail address is the person's address unless `emails` tells another.")
            .required()
            .unique(),
        parts("name", "What the person is called.", &[
            text("formatted", "All of it."),
            text("familyName", "Family name."),
            text("givenName", "Given name."),
            text("middleName", "Middle name."),
            text("honorificPrefix", "Title before it."),
            text("honorificSuffix", "Title after it."),
        ]),
        text("displayName", "The name as shown; made of the others when none is told.").required(),
        text("nickName", "What others call the person."),
        Attribute::new("profileUrl", "A page about the person.", Form::Link(&["external"])).exact(),
        text("title", "Title at work."),
        text("userType", "What the person is to the organization."),
        text("preferredLanguage", "The language to speak."),
        text("locale", "The locale of dates and numbers."),
        text("timezone", "IANA time zone."),
        flag("active", "Whether the person may sign in; true when it is not told.").required(),
        parts("emails", "Addresses. The primary one, or else the first, is the one to sign in with.", &[
            text("value", "The address.").required(),
            text("display", "A name for it."),
            text("type", "What it is for.").known(&["work", "home", "other"]),
            PRIMARY,
        ])
        .many()
        .required(),
        parts("phoneNumbers", "Telephone numbers.", &[
            text("value", "The number.").required(),
            text("type", "What it is for; `work` when it is not told.").known(super::super::member::PHONES),
            PRIMARY,
        ])
        .many(),
        parts("photos", "Pictures; the first is shown.", &[
            Attribute::new("value", "Where it is.", Form::Link(&["external"])).exact().required(),
            text("type", "Its size.").known(&["photo", "thumbnail"]),
            PRIMARY,
        ])
        .many(),
        parts("addresses", "Postal addresses.", &[
            text("type", "What it is for.").known(&["work", "home", "other"]),
            text("streetAddress", "Street and number."),
            text("locality", "City."),
            text("region", "State or region."),
            text("postalCode", "Postal code."),
            text("country", "Country."),
        ])
        .many(),
        parts("groups", "The groups that the person is in.", &[
            text("value", "Id of the group.").exact().access(Access::Read),
            Attribute::new("$ref", "Where the group is.", Form::Link(&["Group"])).exact().access(Access::Read),
            text("display", "Name of the group.").access(Access::Read),
        ])
        .many()
        .access(Access::Read),
        parts("roles", "What the person may do in the organization.", &[
            text("value", "Code of the role.").exact().required(),
        ])
        .many(),
    ],
};

const WORKERS: Schema = Schema {
    id: ENTERPRISE,
    name: "EnterpriseUser",
    text: "A person at work",
    attributes: &[
        text("employeeNumber", "Number given by the employer."),
        text("costCenter", "Cost centre."),
        text("organization", "Name of the company."),
        text("division", "Division."),
        text("department", "Department."),
        parts(
            "manager",
            "Who leads the person.",
            &[
                text("value", "Id of the manager.").exact().required(),
                Attribute::new("$ref", "Where the manager is.", Form::Link(&["User"])).exact(),
            ],
        ),
    ],
};

const GROUPS: Schema = Schema {
    id: GROUP,
    name: "Group",
    text: "A group of people of the organization",
    attributes: &[
        text("displayName", "Its name.").required().unique(),
        parts(
            "members",
            "The people in it.",
            &[
                text("value", "Id of the person.")
                    .exact()
                    .required()
                    .access(Access::Once),
                Attribute::new("$ref", "Where the person is.", Form::Link(&["User"]))
                    .exact()
                    .access(Access::Once),
                text("type", "What the member is.")
                    .known(&["User"])
                    .access(Access::Once),
            ],
        )
        .many(),
    ],
};
