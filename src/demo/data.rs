//! Generated customers, realistic enough to be read: names in four scripts, addresses in twelve
//! countries, a few listed parties, a few bad rows. The same seed makes the same file.

use kit::id::Random;
use serde::Serialize;

/// What is onboarded.
#[derive(Debug, Serialize)]
pub struct File {
    /// The customers, in order.
    pub customers: Vec<Customer>,
}

impl File {
    /// Users over all customers.
    pub fn users(&self) -> usize {
        self.customers
            .iter()
            .map(|customer| customer.users.len())
            .sum()
    }
}

/// What a row is expected to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// Provisioned without anybody's help.
    Clear,
    /// A reviewer looks at it first, and approves: the script cannot be matched by a machine.
    Review,
    /// On a list: a reviewer rejects it.
    Listed,
    /// Refused at once, with a named error.
    Bad,
}

/// A customer to be.
#[derive(Debug, Serialize)]
pub struct Customer {
    /// The partner's own id.
    pub external_id: String,
    /// Name of the organization.
    pub name: String,
    /// E-mail of its first administrator.
    pub email: String,
    /// Street and number.
    pub line1: String,
    /// City.
    pub city: String,
    /// State, where the country has states.
    pub state: String,
    /// Postal code.
    pub postal_code: String,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// IANA time zone.
    pub timezone: String,
    /// Language.
    pub language: String,
    /// What it is expected to come to.
    pub expectation: Expectation,
    /// Its users.
    pub users: Vec<User>,
}

/// A user to be.
#[derive(Debug, Serialize)]
pub struct User {
    /// E-mail.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Index into the packages that the customer has.
    pub package: usize,
    /// Extension.
    pub extension: String,
}

struct Country {
    code: &'static str,
    timezone: &'static str,
    language: &'static str,
    places: &'static [(&'static str, &'static str, &'static str)],
    streets: &'static [&'static str],
    names: &'static [&'static str],
    trades: &'static [&'static str],
    form: &'static str,
    given: &'static [&'static str],
    family: &'static [&'static str],
    latin: bool,
}

const COUNTRIES: [Country; 12] = [
    Country {
        code: "US",
        timezone: "America/Chicago",
        language: "en_US",
        places: &[
            ("Austin", "TX", "78701"),
            ("Columbus", "OH", "43004"),
            ("Portland", "OR", "97035"),
        ],
        streets: &["Maple Street", "Oak Avenue", "Harbor Drive"],
        names: &["Bluebonnet", "Cedar Ridge", "Lakeside", "Prairie"],
        trades: &["Dental", "Plumbing", "Roofing", "Bakery"],
        form: "LLC",
        given: &["Emily", "James", "Olivia", "Daniel"],
        family: &["Carter", "Nguyen", "Brooks", "Ramirez"],
        latin: true,
    },
    Country {
        code: "CA",
        timezone: "America/Toronto",
        language: "fr_CA",
        places: &[("Toronto", "ON", "M5H 2N2"), ("Halifax", "NS", "B3H 1W5")],
        streets: &["Bay Street", "Water Street"],
        names: &["Northern Lantern", "Birchwood"],
        trades: &["Optical", "Landscaping"],
        form: "Inc.",
        given: &["Chloé", "Liam"],
        family: &["Tremblay", "MacDonald"],
        latin: true,
    },
    Country {
        code: "GB",
        timezone: "Europe/London",
        language: "en_GB",
        places: &[("Leeds", "", "LS1 4DY"), ("Bristol", "", "BS1 5TR")],
        streets: &["Park Row", "Victoria Street"],
        names: &["Hawthorn", "Foxglove", "Old Mill"],
        trades: &["Joinery", "Lettings", "Tea Rooms"],
        form: "Ltd",
        given: &["Harriet", "George"],
        family: &["Whitfield", "Ashworth"],
        latin: true,
    },
    Country {
        code: "DE",
        timezone: "Europe/Berlin",
        language: "de_DE",
        places: &[("Münster", "", "48143"), ("Ulm", "", "89073")],
        streets: &["Lindenstraße", "Am Stadtgarten"],
        names: &["Sonnenhof", "Grünwald", "Brückner"],
        trades: &["Tischlerei", "Apotheke", "Fahrräder"],
        form: "GmbH",
        given: &["Jürgen", "Annika"],
        family: &["Schäfer", "Weiß"],
        latin: true,
    },
    Country {
        code: "FR",
        timezone: "Europe/Paris",
        language: "fr_FR",
        places: &[("Lyon", "", "69002"), ("Nantes", "", "44000")],
        streets: &["rue des Tilleuls", "quai du Port"],
        names: &["Les Glycines", "Belle Rive"],
        trades: &["Boulangerie", "Fleuriste"],
        form: "SARL",
        given: &["Amélie", "Théo"],
        family: &["Lefèvre", "Moreau"],
        latin: true,
    },
    Country {
        code: "ES",
        timezone: "Europe/Madrid",
        language: "es_ES",
        places: &[("Sevilla", "", "41001"), ("Vigo", "", "36202")],
        streets: &["Calle Mayor", "Avenida del Mar"],
        names: &["Olivar", "Azahar"],
        trades: &["Talleres", "Papelería"],
        form: "SL",
        given: &["Lucía", "Íñigo"],
        family: &["Muñoz", "Peña"],
        latin: true,
    },
    Country {
        code: "NL",
        timezone: "Europe/Amsterdam",
        language: "nl_NL",
        places: &[("Utrecht", "", "3511 LN"), ("Groningen", "", "9711 LM")],
        streets: &["Oudegracht", "Herestraat"],
        names: &["De Linde", "Zonnewende"],
        trades: &["Fietsen", "Bloemen"],
        form: "BV",
        given: &["Sanne", "Daan"],
        family: &["Visser", "Bakker"],
        latin: true,
    },
    Country {
        code: "BR",
        timezone: "America/Sao_Paulo",
        language: "pt_BR",
        places: &[
            ("Curitiba", "PR", "80010-000"),
            ("Recife", "PE", "50010-000"),
        ],
        streets: &["Rua das Flores", "Avenida Central"],
        names: &["Ipê Amarelo", "Beija-Flor"],
        trades: &["Padaria", "Ótica"],
        form: "Ltda",
        given: &["João", "Beatriz"],
        family: &["Araújo", "Conceição"],
        latin: true,
    },
    Country {
        code: "AU",
        timezone: "Australia/Brisbane",
        language: "en_AU",
        places: &[("Brisbane", "QLD", "4000"), ("Hobart", "TAS", "7000")],
        streets: &["Queen Street", "Collins Street"],
        names: &["Wattle Grove", "Kookaburra"],
        trades: &["Surf Shop", "Veterinary"],
        form: "Pty Ltd",
        given: &["Matilda", "Jack"],
        family: &["Wilkinson", "Doyle"],
        latin: true,
    },
    Country {
        code: "JP",
        timezone: "Asia/Tokyo",
        language: "ja_JP",
        places: &[("京都市", "26", "604-8571"), ("仙台市", "04", "980-8671")],
        streets: &["烏丸通一丁目", "青葉通二丁目"],
        names: &["さくら", "みどり", "あおぞら"],
        trades: &["歯科", "書店", "工務店"],
        form: "株式会社",
        given: &["陽子", "健太"],
        family: &["佐藤", "高橋"],
        latin: false,
    },
    Country {
        code: "KR",
        timezone: "Asia/Seoul",
        language: "ko_KR",
        places: &[("부산", "26", "47545"), ("대전", "30", "35242")],
        streets: &["중앙대로", "둔산로"],
        names: &["한빛", "푸른솔"],
        trades: &["치과", "서점"],
        form: "주식회사",
        given: &["지훈", "서연"],
        family: &["박", "최"],
        latin: false,
    },
    Country {
        code: "AE",
        timezone: "Asia/Dubai",
        language: "ar_SA",
        places: &[("دبي", "DU", "00000"), ("الشارقة", "SH", "00000")],
        streets: &["شارع الواحة", "شارع النخيل"],
        names: &["الواحة", "النخيل"],
        trades: &["للأسنان", "للتصميم"],
        form: "ذ.م.م",
        given: &["ليلى", "سالم"],
        family: &["المنصوري", "الهاشمي"],
        latin: false,
    },
];

/// Parties of the small invented list that comes with the platform
/// (`services/compliance/lists/default.csv`): an exact name, a misspelt one, an alias.
const LISTED: [&str; 3] = [
    "Obsidian Gate Trading Ltd",
    "Vulkanit Ruestungstechnick AG",
    "Iron Heart Star Electronics",
];

/// One customer in this many is on a list.
const LISTED_EVERY: usize = 40;
/// One customer in this many is refused at once.
const BAD_EVERY: usize = 30;

/// Generates the file.
pub fn generate(random: &Random, customers: usize, users: usize) -> File {
    let mut file = File {
        customers: Vec::with_capacity(customers),
    };
    for n in 0..customers {
        let share = users * (n + 1) / customers - users * n / customers;
        file.customers.push(customer(random, n, share));
    }
    file
}

fn pick<'a, T>(random: &Random, items: &'a [T]) -> &'a T {
    let draw = usize::try_from(u32::from_be_bytes(random.bytes::<4>())).unwrap_or(0);
    // every table above has entries
    &items[draw % items.len()]
}

fn customer(random: &Random, n: usize, users: usize) -> Customer {
    let country = pick(random, &COUNTRIES);
    let place = pick(random, country.places);
    let (stem, trade) = (pick(random, country.names), pick(random, country.trades));
    let expectation = match n {
        n if n % LISTED_EVERY == LISTED_EVERY / 2 => Expectation::Listed,
        n if n % BAD_EVERY == BAD_EVERY / 2 => Expectation::Bad,
        _ if country.latin => Expectation::Clear,
        _ => Expectation::Review,
    };
    let family = pick(random, country.family);
    let name = match expectation {
        Expectation::Listed => LISTED[n / LISTED_EVERY % LISTED.len()].to_owned(),
        // a percent sign is not allowed in a name
        Expectation::Bad => format!("{stem} 100% {trade}"),
        _ if country.latin => format!("{stem} {trade} {family} {}", country.form),
        _ => format!("{} {stem}{family}{trade}", country.form),
    };
    let domain = format!("customer-{n:05}.example");
    let users = (0..users)
        .map(|user| User {
            email: format!("user{user}@{domain}"),
            first_name: (*pick(random, country.given)).to_owned(),
            last_name: (*pick(random, country.family)).to_owned(),
            package: usize::from(random.bytes::<1>()[0]),
            extension: format!("{}", 1000 + user),
        })
        .collect();
    Customer {
        external_id: format!("demo-{n:05}"),
        name,
        email: format!("admin@{domain}"),
        line1: format!("{} {}", pick(random, country.streets), 1 + n % 200),
        city: place.0.to_owned(),
        state: place.1.to_owned(),
        postal_code: place.2.to_owned(),
        country: country.code.to_owned(),
        timezone: country.timezone.to_owned(),
        language: country.language.to_owned(),
        expectation,
        users,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_file() {
        let one = serde_json::to_string(&generate(&Random::seeded(7), 50, 200)).unwrap();
        let two = serde_json::to_string(&generate(&Random::seeded(7), 50, 200)).unwrap();
        let other = serde_json::to_string(&generate(&Random::seeded(8), 50, 200)).unwrap();
        assert_eq!(one, two);
        assert_ne!(one, other);
    }

    #[test]
    fn every_user_belongs_to_somebody() {
        for (customers, users) in [(1, 0), (1, 7), (10, 3), (120, 600)] {
            let file = generate(&Random::seeded(1), customers, users);
            assert_eq!((file.customers.len(), file.users()), (customers, users));
        }
    }
}
