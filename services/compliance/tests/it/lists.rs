//! List files and their gates.

use std::{io::Write as _, path::Path, time::Duration};

use flate2::{Compression, write::GzEncoder};
use kit::{fault::Kind, scope::Scope};
use proto::compliance::v1::{ListFormat, ScreeningDecision};

use super::world::{LISTED, Start, World, csl, published, sdn, unpacked};

fn pack(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn own(rows: usize) -> String {
    let rows = (0..rows).map(|n| format!("{n},company,Party Number {n},Alias {n},DE\n"));
    format!("id,type,name,aliases,country\n{}", rows.collect::<String>())
}

async fn refused(world: &World, list: &str, format: ListFormat, files: Vec<Vec<u8>>) -> String {
    let before = world.lists().await;
    let fault = world.import(list, format, files).await.unwrap_err();
    assert_eq!(
        (fault.kind, fault.reason.as_str()),
        (Kind::Invalid, "LIST_REJECTED"),
        "{fault:?}"
    );
    assert_eq!(world.lists().await, before);
    fault.message
}

#[tokio::test]
async fn r600_a_first_start_has_a_list_of_invented_parties() {
    let world = World::new().await;
    let lists = world.lists().await;
    assert_eq!(lists.len(), 1);
    assert_eq!(
        (lists[0].list.as_str(), lists[0].version, lists[0].entries),
        ("DEFAULT", 1, 40)
    );
    for name in [
        LISTED,
        "ООО «Северный Ветер Логистика»",
        "不知火一臣",
        "Zorvanski, Igor",
    ] {
        let result = world.check(name, "").await.unwrap();
        assert_eq!(result.decision(), ScreeningDecision::Review, "{name}");
        assert_eq!(result.hits[0].list, "DEFAULT", "{name}");
    }
    // Not again at the next start.
    let next = world.replica();
    next.ready("").await;
    assert_eq!(next.lists().await, lists);
}

#[tokio::test]
async fn r600_bad_files_are_refused_and_the_old_version_stays() {
    let world = World::new().await;
    world
        .import_and_wait("OWN", ListFormat::OperatorCsv, vec![own(200).into_bytes()])
        .await;
    let good = own(200);
    let cut = &good[..good.len() - 9];
    let packed = pack(&good);
    let cases: [(&str, Vec<u8>); 12] = [
        ("empty file", Vec::new()),
        ("empty file", pack("")),
        ("empty file", b" \n\x1a".to_vec()),
        ("no entries", b"id,type,name,aliases,country\n".to_vec()),
        ("cut off", cut.as_bytes().to_vec()),
        ("damaged gzip", packed[..packed.len() / 2].to_vec()),
        (
            "columns must be",
            good.replace("aliases", "alias").into_bytes(),
        ),
        (
            "line 102: 5 columns expected, 4 found",
            good.replace("Party Number 100,", "").into_bytes(),
        ),
        (
            "line 9: country \"Atlantis\"",
            good.replacen("Alias 7,DE", "Alias 7,Atlantis", 1)
                .into_bytes(),
        ),
        (
            "type \"robot\"",
            good.replacen("company", "robot", 1).into_bytes(),
        ),
        (
            "stands twice",
            good.replacen("\n1,", "\n0,", 1).into_bytes(),
        ),
        (
            "not UTF-8",
            [good.as_bytes(), b"201,company,\xff\xfe,,\n"].concat(),
        ),
    ];
    for (reason, file) in cases {
        let message = refused(&world, "OWN", ListFormat::OperatorCsv, vec![file]).await;
        assert!(message.contains(reason), "{reason}: {message}");
    }
    let message = refused(
        &world,
        "OWN",
        ListFormat::OperatorCsv,
        vec![own(189).into_bytes()],
    )
    .await;
    assert!(message.contains("shrank from 200 to 189"), "{message}");
    let message = refused(&world, "OWN", ListFormat::OperatorCsv, Vec::new()).await;
    assert!(message.contains("1 files expected"), "{message}");
    // Names count as well: a file without its aliases is another list.
    let bare = good.lines().map(|line| match line.split_once(",Alias") {
        Some((head, _)) => format!("{head},,DE\n"),
        None => format!("{line}\n"),
    });
    let bare = bare.collect::<String>().into_bytes();
    let message = refused(&world, "OWN", ListFormat::OperatorCsv, vec![bare]).await;
    assert!(message.contains("names shrank"), "{message}");
    let hits = world.check("Party Number 150", "DE").await.unwrap().hits;
    assert_eq!(hits[0].entry_id, "150");

    let version = world
        .import("OWN", ListFormat::OperatorCsv, vec![own(190).into_bytes()])
        .await;
    assert_eq!(version.unwrap().version, 2);
}

#[tokio::test]
async fn r600_published_files_that_were_cut_or_mixed_up_are_refused() {
    let world = World::new().await;
    world
        .import("CSL", ListFormat::CslCsv, csl())
        .await
        .unwrap();
    world
        .import("SDN", ListFormat::OfacCsv, sdn())
        .await
        .unwrap();
    let text = unpacked(&csl()[0]);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let short = lines[..lines.len() * 9 / 10].concat();
    let message = refused(&world, "CSL", ListFormat::CslCsv, vec![pack(&short)]).await;
    assert!(message.contains("entries shrank from 14048"), "{message}");
    let renamed = text.replacen("alt_names", "aka", 1);
    let message = refused(&world, "CSL", ListFormat::CslCsv, vec![pack(&renamed)]).await;
    assert!(
        message.contains("column \"alt_names\" is missing"),
        "{message}"
    );
    let mut half = csl();
    half[0].truncate(700_000);
    let message = refused(&world, "CSL", ListFormat::CslCsv, half).await;
    assert!(message.contains("damaged gzip"), "{message}");

    let [primary, aliases, addresses] = <[Vec<u8>; 3]>::try_from(sdn()).unwrap();
    let files = vec![primary.clone(), addresses.clone(), aliases.clone()];
    let message = refused(&world, "SDN", ListFormat::OfacCsv, files).await;
    assert!(
        message.contains("alias file, line 1: 5 columns expected, 6 found"),
        "{message}"
    );
    // Aliases of another date name entries that the primary file does not have.
    let later = published("us/ofac_alt_2025-12.csv.gz");
    let files = vec![primary.clone(), later, addresses.clone()];
    let message = refused(&world, "SDN", ListFormat::OfacCsv, files).await;
    assert!(message.contains("is not in the primary file"), "{message}");
    let message = refused(&world, "SDN", ListFormat::OfacCsv, vec![primary, aliases]).await;
    assert!(message.contains("3 files expected, 2 given"), "{message}");
    let message = refused(&world, "SDN", ListFormat::CslCsv, csl()).await;
    assert!(
        message.contains("the list is in the format ofac_csv"),
        "{message}"
    );
}

#[tokio::test]
async fn r606_versions_grow_and_the_bytes_are_kept() {
    let world = World::new().await;
    let (first, second) = (own(100).into_bytes(), pack(&own(101)));
    let one = world
        .import("OWN", ListFormat::OperatorCsv, vec![first.clone()])
        .await
        .unwrap();
    assert_eq!((one.version, one.entries, one.names), (1, 100, 200));
    // The same bytes are no new version.
    let same = world
        .import("OWN", ListFormat::OperatorCsv, vec![first.clone()])
        .await
        .unwrap();
    assert_eq!(same, one);
    let two = world
        .import("OWN", ListFormat::OperatorCsv, vec![second.clone()])
        .await
        .unwrap();
    assert_eq!((two.version, two.entries), (2, 101));
    assert_ne!(one.sha256, two.sha256);
    let heads = world.lists().await;
    assert_eq!(heads.iter().find(|head| head.list == "OWN"), Some(&two));
    let mut tx = world.context.db.begin(Scope::Whole("test")).await.unwrap();
    let sql = "select content from list_file where list = 'OWN' order by version";
    let kept: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(tx.conn()).await.unwrap();
    assert_eq!(kept, [first, second]);
}

#[tokio::test]
async fn r600_another_replica_sees_the_import_and_screening_goes_on_meanwhile() {
    let world = World::new().await;
    let other = world.replica();
    let before = other.ready("").await;
    world
        .import("OWN", ListFormat::OperatorCsv, vec![own(300).into_bytes()])
        .await
        .unwrap();
    let importing = other.ready(&before);
    let screening = async {
        for _ in 0..50 {
            assert!(other.check(LISTED, "AE").await.is_ok());
        }
    };
    let (after, ()) = tokio::join!(importing, screening);
    assert_ne!(after, before);
    assert_eq!(
        other.check("Party Number 42", "DE").await.unwrap().hits[0].entry_id,
        "42"
    );
    assert_eq!(world.ready(&before).await, after);
}

#[tokio::test]
async fn r600_lists_of_a_directory_are_imported_at_start() {
    let directory = std::env::temp_dir().join(format!("entrepot-lists-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(directory.join(name), bytes).unwrap();
    for (part, bytes) in ["sdn", "alt", "add"].iter().zip(sdn()) {
        write(&format!("ofac_{part}_2022-01-31.csv.gz"), &bytes);
    }
    write("house.csv", own(3).as_bytes());
    write("broken.csv", b"id;name\n");
    write("notes.txt", b"nothing");
    let world = World::start(Start::Directory(directory.clone())).await;
    // One of the files was refused: nobody is screened without that list.
    while world.lists().await.len() < 2 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let fault = world.check("Nobody", "DE").await.unwrap_err();
    assert_eq!(fault.reason, "LISTS_MISSING");
    let repaired = vec![own(7).into_bytes()];
    world
        .import("BROKEN", ListFormat::OperatorCsv, repaired)
        .await
        .unwrap();
    world.ready("").await;
    let lists = world.lists().await;
    let names: Vec<_> = lists
        .iter()
        .map(|list| (list.list.as_str(), list.entries))
        .collect();
    assert_eq!(names, [("BROKEN", 7), ("HOUSE", 3), ("SDN", 9043)]);
    let hits = world
        .check("Aerocaribbean Airlines", "CU")
        .await
        .unwrap()
        .hits;
    assert_eq!(
        (hits[0].list.as_str(), hits[0].entry_id.as_str()),
        ("SDN", "36")
    );
    remove(&directory);
}

fn remove(directory: &Path) {
    std::fs::remove_dir_all(directory).unwrap();
}
