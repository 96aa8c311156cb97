//! Countries and regions (ISO 3166-1 alpha-2).

use crate::domain::names;

names! {
    /// A region of the telephony and meeting domains.
    Region {
        /// The Americas.
        Amer = "AMER",
        /// Asia.
        Apac = "APAC",
        /// Australia, New Zealand and the Pacific.
        Anz = "ANZ",
        /// Europe outside of the Union, the Middle East, Africa.
        Emea = "EMEA",
        /// The European Union.
        Euro = "EURO",
    }
}

/// Every country by region.
const COUNTRIES: [(Region, &str); 5] = [
    (
        Region::Amer,
        "AG AI AR AW BB BL BM BO BQ BR BS BZ CA CL CO CR CU CW DM DO EC FK GD GF GL GP GS GT GY HN HT JM \
         KN KY LC MF MQ MS MX NI PA PE PM PR PY SR SV SX TC TT US UM UY VC VE VG VI",
    ),
    (
        Region::Apac,
        "AF BD BN BT CC CN CX HK ID IN IO JP KG KH KP KR KZ LA LK MM MN MO MV MY NP PH PK SG TH TJ TL TM \
         TW UZ VN",
    ),
    (
        Region::Anz,
        "AQ AS AU CK FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV VU WF WS",
    ),
    (
        Region::Emea,
        "AD AE AL AM AO AZ BA BF BH BI BJ BV BW BY CD CF CG CH CI CM CV DJ DZ EG EH ER ET FO GA GB GE GG \
         GH GI GM GN GQ GW IL IM IQ IR IS JE JO KE KM KW LB LI LR LS LY MA MC MD ME MG MK ML MR MU MW MZ \
         NA NE NG NO OM PS QA RE RS RU RW SA SC SD SH SJ SL SM SN SO SS ST SY SZ TD TF TG TN TR TZ UA UG \
         VA XK YE YT ZA ZM ZW",
    ),
    (
        Region::Euro,
        "AT AX BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK",
    ),
];

/// The region of a country; none when it is no country.
pub(crate) fn region(country: &str) -> Option<Region> {
    // a substring search alone would find `S A` or `SAU`
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    COUNTRIES
        .iter()
        .find(|(_, codes)| codes.split_whitespace().any(|code| code == country))
        .map(|(region, _)| *region)
}

/// A dial-in number of the telephony domain.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DialIn {
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Number, E.164.
    pub number: String,
}

/// The meeting site's default call-in: the first number of the telephony domain in the country,
/// else the region's default.
pub(crate) fn call_in(country: &str, region: Region, domain: &[DialIn]) -> String {
    let default = match region {
        Region::Amer => "+1 US/CA",
        Region::Apac => "+65 SG",
        Region::Anz => "+61 AU",
        Region::Emea => "+44 GB",
        Region::Euro => "+49 DE",
    };
    domain
        .iter()
        .find(|number| number.country == country)
        .map_or_else(|| default.to_owned(), |number| number.number.clone())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_country_has_one_region() {
        let all: Vec<&str> = COUNTRIES
            .iter()
            .flat_map(|(_, codes)| codes.split_whitespace())
            .collect();
        let distinct: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all.len(), distinct.len());
        // the 249 of ISO 3166-1, and Kosovo's user-assigned code
        assert_eq!(all.len(), 250);
        assert_eq!(region("DE"), Some(Region::Euro));
        assert_eq!(region("GB"), Some(Region::Emea));
        assert_eq!(region("de"), None);
        assert_eq!(region("ZZ"), None);
        assert_eq!(region("DE AT"), None);
    }

    #[test]
    fn r303_call_in_is_the_country_s_first_number_else_the_region_s_default() {
        let domain = [
            DialIn {
                country: "FR".to_owned(),
                number: "+33100000001".to_owned(),
            },
            DialIn {
                country: "FR".to_owned(),
                number: "+33100000002".to_owned(),
            },
        ];
        assert_eq!(call_in("FR", Region::Euro, &domain), "+33100000001");
        assert_eq!(call_in("DE", Region::Euro, &domain), "+49 DE");
        assert_eq!(call_in("US", Region::Amer, &[]), "+1 US/CA");
        assert_eq!(call_in("JP", Region::Apac, &[]), "+65 SG");
        assert_eq!(call_in("NZ", Region::Anz, &[]), "+61 AU");
        assert_eq!(call_in("ZA", Region::Emea, &[]), "+44 GB");
    }
}
