//! `demo`: a service provider onboards its customers and gets its bill.
//!
//! The platform's clock starts in the middle of last month; once everybody is onboarded it moves on to
//! today, so that the report shows a month of usage, metered to the second.

use std::{fs, path::Path, time::Instant};

use chrono::{Datelike as _, Days, NaiveDate};
use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use kit::{BoxError, id::Random, time::Clock};
use serde_json::Value;

use crate::{cli, client::Client, config::Config, platform::Platform, say, token::Credentials, up};

pub mod data;
mod onboard;

/// Runs the demo.
pub(crate) async fn run(config: Config, options: cli::Demo) -> Result<(), BoxError> {
    let data = config.data.clone();
    let clock = Clock::system();
    let today = clock.now();
    let month = last_month(today.date_naive());
    let clock = Clock::shifted(month.start.and_time(chrono::NaiveTime::MIN).and_utc() - today);

    say("starting the platform: private PostgreSQL, five services, gateway")?;
    let began = Instant::now();
    let platform = up::start(config, clock.clone()).await?;
    let credentials = up::credentials(&platform, &data).await?;
    say(&format!(
        "ready at {} after {:.1?}",
        platform.base_url(),
        began.elapsed()
    ))?;

    let outcome = story(
        &platform,
        &credentials,
        &clock,
        &options,
        &month,
        &data,
        today,
    )
    .await;
    // whatever came of it, the clock is right from now on
    clock.advance(Clock::system().now() - clock.now());
    let outcome = match outcome {
        Ok(()) if !options.once => {
            // the first passwords ended with the month that went by
            up::renew(&platform, &data).await?;
            leave_running(&platform, &up::credentials(&platform, &data).await?, &data)?;
            platform.wait().await;
            Ok(())
        }
        other => other,
    };
    platform.stop().await?;
    outcome
}

/// The month before the one of a day.
struct Month {
    start: NaiveDate,
    end: NaiveDate,
}

fn last_month(today: NaiveDate) -> Month {
    let first = today.with_day(1).unwrap_or(today);
    let end = first - Days::new(1);
    Month {
        start: end.with_day(1).unwrap_or(end),
        end,
    }
}

async fn story(
    platform: &Platform,
    credentials: &Credentials,
    clock: &Clock,
    options: &cli::Demo,
    month: &Month,
    directory: &Path,
    today: chrono::DateTime<chrono::Utc>,
) -> Result<(), BoxError> {
    let file = data::generate(
        &Random::seeded(options.seed),
        options.customers,
        options.users,
    );
    let path = directory.join("demo-customers.json");
    fs::write(&path, serde_json::to_vec_pretty(&file)?)?;
    say(&format!(
        "onboarding {} customers with {} users from {} (the platform's date: {})",
        file.customers.len(),
        file.users(),
        path.display(),
        clock.now().format("%Y-%m-%d"),
    ))?;

    let partner = Client::new(&platform.base_url());
    partner
        .sign_in(
            &credentials.partner.client_id,
            &credentials.partner.client_secret,
        )
        .await?;
    let reviewer = Client::new(&platform.base_url());
    reviewer
        .sign_in(
            &credentials.reviewer.client_id,
            &credentials.reviewer.client_secret,
        )
        .await?;
    let provisioning_id = credentials
        .partner
        .provisioning_id
        .clone()
        .unwrap_or_default();
    let tally = onboard::run(&partner, &reviewer, &file, &provisioning_id).await?;
    say(&tally.summary())?;

    // the month passes; what is due in it happens
    clock.advance(today - clock.now());
    say(&format!(
        "a month later: it is {}",
        clock.now().format("%Y-%m-%d")
    ))?;
    // tokens of last month have ended
    partner
        .sign_in(
            &credentials.partner.client_id,
            &credentials.partner.client_secret,
        )
        .await?;
    report(&partner, month, directory).await?;
    if tally.unexpected > 0 {
        return Err(format!(
            "{} customers or users did not end as expected",
            tally.unexpected
        )
        .into());
    }
    Ok(())
}

/// Makes the reports of all three levels, saves them, prints the partner's.
async fn report(partner: &Client, month: &Month, directory: &Path) -> Result<(), BoxError> {
    let mut totals = Vec::new();
    for level in ["PARTNER", "CUSTOMER", "USER"] {
        let csv = one_report(partner, month, level).await?;
        let path = directory.join(format!("demo-report-{}.csv", level.to_lowercase()));
        fs::write(&path, &csv)?;
        let rows = parse(&csv);
        totals.push((level, rows.len().saturating_sub(1), total(&rows)));
        if level == "PARTNER" {
            print(&rows)?;
        }
        say(&format!("saved {}", path.display()))?;
    }
    let text: Vec<_> = totals
        .iter()
        .map(|(level, rows, micros)| format!("{level} {} in {rows} rows", days(*micros)))
        .collect();
    say(&format!("licence-days: {}", text.join(", ")))?;
    if totals
        .iter()
        .any(|(_, _, micros)| Some(*micros) != totals.first().map(|t| t.2))
    {
        return Err("the three levels do not add up".into());
    }
    say("the three levels add up exactly")
}

async fn one_report(partner: &Client, month: &Month, level: &str) -> Result<String, BoxError> {
    let reports = "/v1/wholesale/billing/reports";
    let body = serde_json::json!({
        "billingStartDate": month.start.to_string(),
        "billingEndDate": month.end.to_string(),
        "type": level,
    });
    let mut made = partner.post(reports, &body).await?;
    if made.status == 409 {
        // of a former run: a completed report is deleted before it is made again (R-1406)
        let query = format!(
            "{reports}?billingStartDate={}&billingEndDate={}&type={level}&status=COMPLETED",
            month.start, month.end
        );
        let former = partner.get(&query).await?.expect_status(200)?;
        for item in former
            .body
            .pointer("/items")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
            partner
                .delete(&format!("{reports}/{id}"))
                .await?
                .expect_status(204)?;
        }
        made = partner.post(reports, &body).await?;
    }
    let made = made.expect_status(200)?;
    let id = made.text_at("/id").to_owned();
    for _ in 0..600 {
        let report = partner
            .get(&format!("{reports}/{id}"))
            .await?
            .expect_status(200)?;
        match report.text_at("/status") {
            "COMPLETED" => {
                let link = report.text_at("/tempDownloadURL").to_owned();
                // without a token: the link is the proof
                let anybody = Client::new("");
                return Ok(anybody.get(&link).await?.expect_status(200)?.text);
            }
            "FAILED" => return Err(format!("the report failed: {}", report.text).into()),
            _ => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
        }
    }
    Err("the report took too long".into())
}

/// Rows and fields of a CSV file, its header first.
pub fn parse(csv: &str) -> Vec<Vec<String>> {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.as_bytes());
    let rows = reader.into_records().filter_map(Result::ok);
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

/// The sum of the quantities in millionths of a day.
pub fn total(rows: &[Vec<String>]) -> i64 {
    let column = rows
        .first()
        .and_then(|head| head.iter().position(|name| name == "QUANTITY"));
    let Some(column) = column else { return 0 };
    rows.iter()
        .skip(1)
        .filter_map(|row| millionths(row.get(column)?))
        .sum()
}

/// A decimal number with at most six places, in millionths.
pub fn millionths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 6 {
        return None;
    }
    let part: i64 = format!("{part:0<6}").parse().ok()?;
    Some(whole.parse::<i64>().ok()? * 1_000_000 + part)
}

fn days(micros: i64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

fn print(rows: &[Vec<String>]) -> Result<(), BoxError> {
    let shown = [
        "SUBSCRIPTION_ID",
        "SERVICE_NAME",
        "SKU",
        "CONSUMPTION_START_DATE",
        "CONSUMPTION_END_DATE",
        "QUANTITY",
    ];
    let Some(head) = rows.first() else {
        return Ok(());
    };
    let columns: Vec<_> = shown
        .iter()
        .filter_map(|name| head.iter().position(|h| h == name))
        .collect();
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    for (n, row) in rows.iter().enumerate() {
        let cells: Vec<_> = columns
            .iter()
            .filter_map(|&column| row.get(column).cloned())
            .collect();
        if n == 0 {
            table.set_header(cells)
        } else {
            table.add_row(cells)
        };
    }
    say(&table.to_string())
}

fn leave_running(
    platform: &Platform,
    credentials: &Credentials,
    data: &Path,
) -> Result<(), BoxError> {
    let base = platform.base_url();
    let partner = &credentials.partner;
    let sign_in = partner.sign_in.as_ref().map_or_else(String::new, |first| {
        format!(" ({} {}, good once)", first.email, first.one_time_password)
    });
    say(&format!(
        "\nthe platform goes on running; Ctrl-C stops it
  API          {base}
  description  {base}/openapi.json
  sign in      {base}/sign-in{sign_in}
  metrics      http://{admin}/metrics
  credentials  {file}

try:
  TOKEN=$(curl -s {base}/v1/access_token -d grant_type=client_credentials -d client_id={id} -d client_secret={secret} | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')
  curl -s -H \"Authorization: Bearer $TOKEN\" '{base}/v1/wholesale/customers?max=3'
  curl -s -H \"Authorization: Bearer $TOKEN\" '{base}/v1/wholesale/subscribers?max=3'",
        admin = platform.admin,
        file = up::credentials_file(data).display(),
        id = partner.client_id,
        secret = partner.client_secret,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_month_is_whole() {
        let month = last_month(NaiveDate::from_ymd_opt(2026, 3, 31).unwrap());
        assert_eq!(month.start.to_string(), "2026-02-01");
        assert_eq!(month.end.to_string(), "2026-02-28");
        let month = last_month(NaiveDate::from_ymd_opt(2026, 1, 1).unwrap());
        assert_eq!(month.start.to_string(), "2025-12-01");
    }

    #[test]
    fn quantities_are_read_exactly() {
        assert_eq!(millionths("1"), Some(1_000_000));
        assert_eq!(millionths("0.5"), Some(500_000));
        assert_eq!(millionths("12.000001"), Some(12_000_001));
        assert_eq!(millionths("1.0000001"), None);
        assert_eq!(millionths("x"), None);
    }
}
