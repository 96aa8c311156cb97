//! SIP domains.

use super::organization::OrganizationId;

/// Longest slug; with the id the label stays far below the 63 bytes that DNS allows.
const LONGEST_SLUG: usize = 40;
/// For names without a letter or digit that can be written in ASCII.
const NAMELESS: &str = "org";

/// The SIP domain of an organization: readable, and different for each id.
pub(crate) fn sip_domain(name: &str, id: OrganizationId, suffix: &str) -> String {
    // The last 48 bits of the id are random; the first ones are the time of day.
    let id = id.uuid().simple().to_string();
    format!("{}-{}.{suffix}", slug(name), &id[id.len() - 12..])
}

/// A name as a DNS label: the same on every machine, whatever its language.
fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(LONGEST_SLUG);
    for byte in any_ascii::any_ascii(name).bytes() {
        if slug.len() == LONGEST_SLUG {
            break;
        }
        if byte.is_ascii_alphanumeric() {
            slug.push(char::from(byte.to_ascii_lowercase()));
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        NAMELESS.to_owned()
    } else {
        slug.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn r306_a_sip_domain_reads_like_the_name() {
        let id = OrganizationId::from_uuid(Uuid::from_u128(0x0123_4567_89ab));
        assert_eq!(
            sip_domain("Bäckerei Müller & Söhne", id, "sip.example"),
            "backerei-muller-sohne-0123456789ab.sip.example"
        );
        assert_eq!(
            sip_domain("***", id, "sip.example"),
            "org-0123456789ab.sip.example"
        );
    }

    proptest! {
        #[test]
        fn r306_every_name_gives_a_dns_label(name in "\\PC{0,80}", id in any::<u128>()) {
            let id = OrganizationId::from_uuid(Uuid::from_u128(id));
            let domain = sip_domain(&name, id, "s");
            let label = domain.strip_suffix(".s").unwrap();
            prop_assert!(label.len() <= 63);
            prop_assert!(!label.starts_with('-') && !label.ends_with('-'));
            prop_assert!(label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
        }

        #[test]
        fn r306_one_name_gives_each_organization_its_own(a in any::<u64>(), b in any::<u64>()) {
            let of = |n: u64| {
                let id = OrganizationId::from_uuid(Uuid::from_u128(u128::from(n) & 0xffff_ffff_ffff));
                sip_domain("Acme", id, "s")
            };
            let same = a & 0xffff_ffff_ffff == b & 0xffff_ffff_ffff;
            prop_assert_eq!(of(a) == of(b), same);
        }
    }
}
