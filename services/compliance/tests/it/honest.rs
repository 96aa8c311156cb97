//! Ordinary companies are cleared, against the published lists.

use proto::compliance::v1::{ListFormat, ScreeningDecision};

use super::world::{World, csl, sdn};

/// Country and name. Made up, or so well known that nobody would list them.
const HONEST: &str = "
DE Bäckerei Sonnenschein GmbH
DE Müller & Söhne Elektrotechnik GmbH
DE Autohaus Lindner GmbH & Co. KG
DE Zahnarztpraxis Dr. Weber
DE Steuerberatung Hoffmann PartG
US Green Valley Landscaping LLC
US Riverside Dental Group, Inc.
US Blue Ridge Roofing Co.
US Sunrise Pediatrics
US Harbor Light Coffee Roasters
US Maple Street Books
US Pinecrest Veterinary Clinic
US Lakeshore Plumbing & Heating, Inc.
US Oakwood Property Management LLC
US Summit Accounting Services
US Cedar Hill Church
US Bright Horizons Learning Center
US Desert Bloom Florist
US Prairie Wind Brewing Company
US Golden Gate Print Shop
GB Thornbury Cricket Club
GB Wilkinson & Hartley Solicitors LLP
GB The Crown Inn
GB Ashdown Garden Centre Ltd
GB Pembroke Letting Agents Limited
GB Northfield Plumbing Supplies Ltd
FR Boulangerie Dupont SARL
FR Cabinet Médical Saint-Martin
FR Menuiserie Lefèvre
FR Atelier du Vélo
ES Panadería La Espiga S.L.
ES Clínica Dental Sonrisa
ES Talleres Hermanos García S.L.
IT Pasticceria Bianchi S.r.l.
IT Studio Legale Conti
IT Officina Meccanica Ferri
NL Fietsenwinkel De Ketting B.V.
NL Bakkerij van Dijk
SE Lindqvist Snickeri AB
NO Fjordblikk Hotell AS
DK Nordlys Tandklinik ApS
FI Kahvila Mustikka Oy
PL Piekarnia Złoty Kłos Sp. z o.o.
CZ Truhlářství Dvořák s.r.o.
AU Wattle Creek Vineyards Pty Ltd
AU Bondi Surf School
CA Maple Leaf Physiotherapy Inc.
CA Boreal Canoe Outfitters
BR Padaria Estrela do Sul Ltda
MX Taquería El Jardín
JP Sakura Travel K.K.
IN Lotus Textiles Pvt Ltd
US Acme Dental
US Cisco Systems Inc
US Microsoft Corporation
US Johnson Controls
US Delta Air Lines
US Bank of America
US General Electric
";

#[tokio::test]
async fn r602_ordinary_companies_are_cleared() {
    let world = World::new().await;
    world
        .import("SDN", ListFormat::OfacCsv, sdn())
        .await
        .unwrap();
    world
        .import_and_wait("CSL", ListFormat::CslCsv, csl())
        .await;
    while world
        .check("AEROCARIBBEAN AIRLINES", "")
        .await
        .unwrap()
        .hits
        .len()
        < 2
    {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut asked = 0;
    for line in HONEST.trim().lines() {
        let (country, name) = line.split_once(' ').unwrap();
        let request = {
            let mut request = world.about(world.partner(), name);
            request
                .party
                .as_mut()
                .unwrap()
                .address
                .as_mut()
                .unwrap()
                .country = country.to_owned();
            request
        };
        let result = world.screen(&request).await.unwrap();
        assert_eq!(
            result.decision(),
            ScreeningDecision::Clear,
            "{name}: {:#?}",
            result.hits
        );
        asked += 1;
    }
    assert!(asked >= 50);
}
