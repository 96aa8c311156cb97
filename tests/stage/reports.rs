//! What reports must say (R-1403, R-1409).

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{Partner, Stage, millionths_of, rows, uuid_of};

impl Stage {
    /// The day of the first assignment.
    pub(crate) async fn first_day(&self) -> NaiveDate {
        let first: DateTime<Utc> =
            sqlx::query_scalar("select min(started_at) from subscriber.assignment")
                .fetch_one(&mut self.sql().await)
                .await
                .unwrap();
        first.date_naive()
    }

    /// Two days on three levels: each adds up to what the assignments say, to the second.
    pub(crate) async fn three_levels(&self, partner: &Partner, first_day: NaiveDate) {
        let last_day = first_day + Days::new(1);
        let (first, last) = (first_day.to_string(), last_day.to_string());
        let midnight = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
        let seconds: Vec<(String, i64)> = sqlx::query_as(
            "select upper(package), sum(greatest(0,
             floor(extract(epoch from least(coalesce(ended_at, $2), $2)))
             - floor(extract(epoch from greatest(started_at, $1)))))::bigint
         from subscriber.assignment group by package order by package",
        )
        .bind(midnight(first_day))
        .bind(midnight(last_day + Days::new(1)))
        .fetch_all(&mut self.sql().await)
        .await
        .unwrap();
        assert!(!seconds.is_empty());
        for level in ["PARTNER", "CUSTOMER", "USER"] {
            let rows = rows(&partner.csv(level, &first, &last).await);
            for (name, seconds) in &seconds {
                // a millionth of a day, half up
                let wanted = (2 * seconds * 1_000_000 + 86_400) / (2 * 86_400);
                let found = millionths_of(&rows, |row| row["SERVICE_NAME"] == *name);
                assert_eq!(found, wanted, "{level} {name}");
            }
            let org = partner.id.to_string();
            assert!(rows.iter().all(|row| {
                row["PARTNER_ORG_ID"] == org || uuid_of(&row["PARTNER_ORG_ID"]) == partner.id
            }));
        }
    }
}
