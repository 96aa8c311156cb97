//! Names of the published lists, as they stand there and as people write them; scripts.

use proto::compliance::v1::{Hit, ListFormat, ScreeningDecision};

use super::world::{World, csl, sdn};

async fn world() -> World {
    let world = World::new().await;
    world
        .import("SDN", ListFormat::OfacCsv, sdn())
        .await
        .unwrap();
    world
        .import_and_wait("CSL", ListFormat::CslCsv, csl())
        .await;
    // Both imports may be seen in two steps.
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
    world
}

async fn hits(world: &World, name: &str, country: &str) -> Vec<Hit> {
    let result = world.check(name, country).await.unwrap();
    assert_eq!(
        result.decision() == ScreeningDecision::Review,
        !result.hits.is_empty()
    );
    result.hits
}

/// Which lists have it, and under which principal names.
fn principals(hits: &[Hit]) -> String {
    hits.iter()
        .flat_map(|hit| &hit.evidence)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn r603_listed_names_hit_as_they_stand_and_misspelt() {
    let world = world().await;
    for (name, country, listed) in [
        ("AEROCARIBBEAN AIRLINES", "CU", "AEROCARIBBEAN AIRLINES"),
        ("Aero Caribbean Airlines", "DE", "AEROCARIBBEAN AIRLINES"),
        ("BANCO NACIONAL DE CUBA", "GB", "BANCO NACIONAL DE CUBA"),
        ("Banko Nacional de Cuba", "GB", "BANCO NACIONAL DE CUBA"),
        ("Cuba Banco Nacional", "", "BANCO NACIONAL DE CUBA"),
        ("National Bank of Cuba", "CH", "BANCO NACIONAL DE CUBA"),
        (
            "Huawei Technologies Co., Ltd.",
            "CN",
            "Huawei Technologies Co., Ltd",
        ),
        ("Huawei Tecnologies", "CN", "Huawei Technologies"),
        ("HuaweiTechnologies Ltd", "DE", "Huawei Technologies"),
        ("BOUT, Viktor Anatolijevitch", "RU", "BOUT, Viktor"),
        ("Viktor Bout", "", "BOUT, Viktor"),
        ("Victor Bout", "DE", "BOUT, Viktor"),
        ("Игорь Сечин", "RU", "SECHIN, Igor"),
        ("Vik\u{200b}tor Bo\u{ad}ut", "RU", "BOUT, Viktor"),
        (
            "Open Joint Stock Company Rosneft Oil Company",
            "RU",
            "ROSNEFT",
        ),
    ] {
        let hits = hits(&world, name, country).await;
        let found = principals(&hits).to_lowercase();
        assert!(
            found.contains(&listed.to_lowercase()),
            "{name} [{country}]: {hits:#?}"
        );
    }
}

#[tokio::test]
async fn r603_exact_names_score_full_whatever_the_country_and_say_why() {
    let world = world().await;
    let hit = &hits(&world, "Banco Nacional de Cuba", "NZ").await[0];
    assert_eq!(hit.score, 1000);
    let evidence = hit.evidence.join("\n");
    assert!(evidence.contains("all words are equal"), "{evidence}");
    assert!(
        evidence.contains("an exact name is a hit all the same"),
        "{evidence}"
    );

    let lists: std::collections::BTreeSet<_> = hits(&world, "BANCO NACIONAL DE CUBA", "CU")
        .await
        .into_iter()
        .map(|hit| hit.list)
        .collect();
    assert_eq!(lists.into_iter().collect::<Vec<_>>(), ["CSL", "SDN"]);
}

#[tokio::test]
async fn r603_digits_are_part_of_a_name() {
    let world = World::new().await;
    let list = "id,type,name,aliases,country\n1,company,11420 CORP.,,CA\n2,company,Plant 27,,RU\n";
    world
        .import_and_wait(
            "OWN",
            ListFormat::OperatorCsv,
            vec![list.as_bytes().to_vec()],
        )
        .await;
    assert_eq!(
        hits(&world, "11420 Corporation", "CA").await[0].entry_id,
        "1"
    );
    for name in ["Corp", "11421 Corp.", "1142 Corp", "Plant 28", "Plant 72"] {
        assert!(hits(&world, name, "CA").await.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn r603_one_word_and_acronyms_need_more_than_likeness() {
    let world = World::new().await;
    let list = "id,type,name,aliases,country\n\
                1,company,Partner,,IR\n\
                2,company,International Cement Furnaces,ICF,IR\n\
                3,company,Novobinsk Shipyard,,RU\n";
    world
        .import_and_wait(
            "OWN",
            ListFormat::OperatorCsv,
            vec![list.as_bytes().to_vec()],
        )
        .await;
    assert!(hits(&world, "Gartner", "US").await.is_empty());
    assert_eq!(hits(&world, "Gartner", "IR").await[0].entry_id, "1");
    assert_eq!(hits(&world, "Partner Ltd", "US").await[0].entry_id, "1");
    assert!(hits(&world, "ICF", "US").await.is_empty());
    assert!(hits(&world, "IFC", "IR").await.is_empty());
    assert_eq!(hits(&world, "ICF", "IR").await[0].entry_id, "2");
    assert_eq!(hits(&world, "I.C.F. Co. Ltd", "IR").await[0].entry_id, "2");
    assert_eq!(
        hits(&world, "Novo Binsk Ship Yard", "DE").await[0].entry_id,
        "3"
    );
    assert_eq!(
        hits(&world, "Novobinskshipyard", "DE").await[0].entry_id,
        "3"
    );
}

#[tokio::test]
async fn r603_scripts_that_cannot_be_matched_go_to_review() {
    let world = World::new().await;
    for (name, script) in [
        ("田中商事株式会社", "Han"),
        ("さくら", "Hiragana"),
        ("カフェ・ルミエール", "Katakana"),
        ("한빛전자", "Hangul"),
        ("شركة النور", "Arabic"),
        ("מאפיית השלום", "Hebrew"),
        ("ร้านกาแฟ", "Thai"),
        ("हिमालय", "Devanagari"),
        ("Արարատ", "Armenian"),
        ("თბილისი", "Georgian"),
        ("ᏣᎳᎩ", "unknown script"),
        ("Green Valley 緑谷 LLC", "Han"),
    ] {
        let hits = hits(&world, name, "").await;
        let evidence = hits.last().expect(name).evidence.join("\n");
        assert!(
            evidence.contains(&format!("script cannot be matched: {script}")),
            "{evidence}"
        );
    }
    // Listed names in such a script still say which entry it is.
    for (name, entry) in [
        ("魏昌墨", "EX-0010"),
        ("황보철규", "EX-0012"),
        ("طارق الفرازدان", "EX-0004"),
        ("铁心星辰电子有限公司", "EX-0023"),
    ] {
        assert_eq!(hits(&world, name, "").await[0].entry_id, entry, "{name}");
    }
    // These can be cleared.
    for name in [
        "Пекарня Берёзка",
        "Φούρνος Ανατολή",
        "Żółta Gęś Sp. z o.o.",
        "Đại Nam Cà Phê",
    ] {
        assert!(hits(&world, name, "").await.is_empty(), "{name}");
    }
    let hits_of = |name: &'static str| hits(&world, name, "");
    assert!(principals(&hits_of("Gооgle Bakery").await).contains("mixes scripts"));
    assert!(principals(&hits_of("!!!").await).contains("no letters"));
}
