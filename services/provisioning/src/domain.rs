//! What provisioning is about, without any input or output.

pub(crate) mod address;
pub(crate) mod application;
pub(crate) mod catalogue;
pub(crate) mod change;
pub(crate) mod country;
pub(crate) mod customer;
pub(crate) mod locale;
pub(crate) mod rules;
pub(crate) mod screening;
pub(crate) mod sub_partner;
pub(crate) mod template;
pub(crate) mod text;

/// A closed set of names as they stand in the database.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize)]
        pub(crate) enum $name {
            $($(#[$case_doc])* #[serde(rename = $text)] $case,)*
        }

        impl $name {
            /// As it stands in the database.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$case => $text,)* }
            }
        }

        // Not every set is written by name.
        const _: () = {
            let _ = $name::name;
        };

        impl ::std::str::FromStr for $name {
            type Err = $crate::domain::UnknownName;
            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($text => Ok(Self::$case),)*
                    _ => Err($crate::domain::UnknownName(name.to_owned())),
                }
            }
        }
    };
}
pub(crate) use names;

/// A name that is none of a closed set: a row says something impossible.
#[derive(Debug, thiserror::Error)]
#[error("unknown name {0}")]
pub(crate) struct UnknownName(pub(crate) String);
