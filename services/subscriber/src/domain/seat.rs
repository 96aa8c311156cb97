//! The calling seat: location, number, extension.

use kit::fault::{Violations, reason};

use super::LocationId;

/// Not a number in E.164.
pub(crate) const INVALID_PHONE_NUMBER: &str = "INVALID_PHONE_NUMBER";
/// Not 2 to 10 digits.
pub(crate) const INVALID_EXTENSION: &str = "INVALID_EXTENSION";
/// No such location of this customer.
pub(crate) const UNKNOWN_LOCATION: &str = "UNKNOWN_LOCATION";
/// Belongs to a calling seat, and the package has none.
pub(crate) const NO_CALLING_SEAT: &str = "NO_CALLING_SEAT";

/// The fields as the public API names them.
pub(crate) const NUMBER_FIELD: &str = "provisioningParameters.primaryPhoneNumber";
/// See [`NUMBER_FIELD`].
pub(crate) const EXTENSION_FIELD: &str = "provisioningParameters.extension";
/// See [`NUMBER_FIELD`].
pub(crate) const LOCATION_FIELD: &str = "provisioningParameters.locationId";

/// What a request says of a seat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SeatRequest {
    /// Number, E.164.
    pub(crate) number: Option<String>,
    /// Extension.
    pub(crate) extension: Option<String>,
    /// Location.
    pub(crate) location: Option<LocationId>,
}

/// What a subscriber has of a seat; empty without one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seat {
    /// Location.
    pub(crate) location: Option<LocationId>,
    /// Number, E.164.
    pub(crate) number: Option<String>,
    /// Extension.
    pub(crate) extension: Option<String>,
}

/// What a customer has of locations, as far as one request needs to know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Locations {
    /// The first.
    pub(crate) default: Option<LocationId>,
    /// The one that was asked for, if there is such a one.
    pub(crate) asked: Option<LocationId>,
}

impl SeatRequest {
    /// Reads one; what is wrong is noted. `None` when anything is.
    pub(crate) fn parse(
        violations: &mut Violations,
        number: &str,
        extension: &str,
        location: &str,
    ) -> Option<Self> {
        let mut sound = true;
        let number = given(number).and_then(|text| {
            let number = e164(text);
            let text = "not a number in E.164, for example +14155550100";
            sound &= violations.check(number.is_some(), NUMBER_FIELD, INVALID_PHONE_NUMBER, text);
            number
        });
        let extension = given(extension).and_then(|text| {
            let holds = (2..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            let message = "an extension has 2 to 10 digits";
            sound &= violations.check(holds, EXTENSION_FIELD, INVALID_EXTENSION, message);
            holds.then(|| text.to_owned())
        });
        let location = given(location).and_then(|text| {
            let id = text.parse().ok();
            let message = "the customer has no such location";
            sound &= violations.check(id.is_some(), LOCATION_FIELD, UNKNOWN_LOCATION, message);
            id
        });
        sound.then_some(Self {
            number,
            extension,
            location,
        })
    }

    /// The seat of a subscriber whose packages do or do not need one. What the request leaves out
    /// is kept from `current`; the location then falls back to the customer's first.
    pub(crate) fn settle(
        &self,
        calling: bool,
        current: &Seat,
        locations: Locations,
        violations: &mut Violations,
    ) -> Option<Seat> {
        if !calling {
            let mut sound = true;
            for (given, field) in [
                (self.number.is_some(), NUMBER_FIELD),
                (self.extension.is_some(), EXTENSION_FIELD),
                (self.location.is_some(), LOCATION_FIELD),
            ] {
                let text = "only with a calling package";
                sound &= violations.check(!given, field, NO_CALLING_SEAT, text);
            }
            return sound.then(Seat::default);
        }
        let seat = Seat {
            location: match self.location {
                Some(asked) => locations.asked.filter(|found| *found == asked),
                None => current.location.or(locations.default),
            },
            number: self.number.clone().or_else(|| current.number.clone()),
            extension: self.extension.clone().or_else(|| current.extension.clone()),
        };
        let mut sound = true;
        if seat.location.is_none() {
            let (reason, text) = if self.location.is_some() {
                (UNKNOWN_LOCATION, "the customer has no such location")
            } else {
                (reason::MISSING, "the customer has no location yet")
            };
            violations.add(LOCATION_FIELD, reason, text);
            sound = false;
        }
        sound &= violations.check(
            seat.number.is_some() || seat.extension.is_some(),
            EXTENSION_FIELD,
            reason::MISSING,
            "a calling package needs an extension or a primaryPhoneNumber",
        );
        sound.then_some(seat)
    }
}

fn given(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

/// A number in E.164, without the separators people write.
fn e164(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !" -.()".contains(*c)).collect();
    let rest = digits.strip_prefix('+')?;
    let plausible = (3..=15).contains(&rest.len())
        && !rest.starts_with('0')
        && rest.bytes().all(|b| b.is_ascii_digit());
    // The library decides whether there is such a country and length. Its own rendering is not
    // taken: it drops what looks like a national prefix, which in some countries it is not.
    (plausible && phonenumber::parse(None, &digits).is_ok()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: Locations = Locations {
        default: Some(LocationId::from_uuid(uuid::Uuid::from_u128(1))),
        asked: None,
    };

    fn request(number: &str, extension: &str) -> SeatRequest {
        let mut violations = Violations::default();
        SeatRequest::parse(&mut violations, number, extension, "").expect("parses")
    }

    fn settle(request: &SeatRequest, calling: bool, current: &Seat) -> Result<Seat, Vec<String>> {
        let mut violations = Violations::default();
        let seat = request.settle(calling, current, MAIN, &mut violations);
        seat.ok_or_else(|| violations.into_vec().into_iter().map(|v| v.field).collect())
    }

    #[test]
    fn r702_numbers_are_e164() {
        for (text, number) in [
            ("+1 (415) 555-0100", "+14155550100"),
            ("+49 30 901820", "+4930901820"),
            ("+78005553535", "+78005553535"),
        ] {
            assert_eq!(e164(text).as_deref(), Some(number));
        }
        for text in [
            "4155550100",
            "+",
            "+0123456",
            "+1",
            "+1415555010012345",
            "+14x5550100",
            "++14155550100",
            "+٤١٥٥٥٥٠",
            "+9991234567",
        ] {
            assert_eq!(e164(text), None, "{text}");
        }
    }

    #[test]
    fn r401_a_calling_package_needs_a_number_or_an_extension() {
        assert!(settle(&request("+14155550100", ""), true, &Seat::default()).is_ok());
        assert!(settle(&request("", "1000"), true, &Seat::default()).is_ok());
        let fields = settle(&request("", ""), true, &Seat::default()).unwrap_err();
        assert_eq!(fields, [EXTENSION_FIELD]);
    }

    #[test]
    fn r401_a_location_is_for_calling_packages_only() {
        let request = SeatRequest {
            location: MAIN.default,
            ..SeatRequest::default()
        };
        let fields = settle(&request, false, &Seat::default()).unwrap_err();
        assert_eq!(fields, [LOCATION_FIELD]);
        let fields = settle(&request, true, &Seat::default()).unwrap_err();
        assert_eq!(fields, [LOCATION_FIELD, EXTENSION_FIELD]);
    }

    #[test]
    fn r404_what_a_change_leaves_out_is_kept_and_no_seat_frees_all() {
        let held = settle(&request("+14155550100", "1000"), true, &Seat::default()).unwrap();
        let changed = settle(&request("", "2000"), true, &held).unwrap();
        assert_eq!(changed.number, held.number);
        assert_eq!(changed.extension.as_deref(), Some("2000"));
        assert_eq!(
            settle(&request("", ""), false, &held).unwrap(),
            Seat::default()
        );
    }

    #[test]
    fn extensions_have_two_to_ten_digits() {
        for text in ["1", "12345678901", "12a", "١٢٣"] {
            let mut violations = Violations::default();
            assert_eq!(
                SeatRequest::parse(&mut violations, "", text, "nonsense"),
                None
            );
            assert_eq!(violations.into_vec().len(), 2);
        }
    }
}
