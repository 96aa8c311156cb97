//! The figures for people: a table, and Markdown.

use std::{fs, path::Path, time::Duration};

use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use kit::BoxError;

use super::{
    Findings, Size,
    load::Reads,
    machine,
    meter::{Sample, micros},
    raw,
};

/// Commits that one customer needs: accepted, screened, organization made, entitled, finished.
pub(super) const COMMITS: u64 = 5;
/// Part of the thin chain's rate at which customers are to be accepted, in hundredths.
const ACCEPT_GOAL: u64 = 40;
/// Part of what the commits allow at which customers are to be provisioned, in hundredths.
const PROVISION_GOAL: u64 = 15;
/// Longest warm start, in milliseconds.
const START_GOAL: u64 = 3_000;
/// Most resident memory, in megabytes.
const MEMORY_GOAL: u64 = 200;

/// One row.
#[derive(Debug, Default)]
pub(super) struct Line {
    figure: String,
    measured: String,
    raw: String,
    ratio: String,
    goal: String,
    met: &'static str,
}

impl Line {
    fn new(figure: &str, measured: String) -> Self {
        Self {
            figure: figure.to_owned(),
            measured,
            ..Self::default()
        }
    }

    /// Beside a raw limit.
    fn beside(mut self, what: &str, measured: u64, limit: u64) -> Self {
        self.raw = format!("{limit}/s {what}");
        self.ratio = hundredths(measured * 100 / limit.max(1));
        self
    }

    fn goal(mut self, goal: String, met: bool) -> Self {
        self.goal = goal;
        self.met = if met { "yes" } else { "no" };
        self
    }

    fn cells(&self) -> [&str; 6] {
        [
            &self.figure,
            &self.measured,
            &self.raw,
            &self.ratio,
            &self.goal,
            self.met,
        ]
    }
}

const HEAD: [&str; 6] = ["figure", "measured", "raw limit", "ratio", "goal", "met"];

fn hundredths(n: u64) -> String {
    format!("{}.{:02}", n / 100, n % 100)
}

/// Microseconds as milliseconds.
fn millis(micros: u64) -> String {
    hundredths(micros.div_ceil(10))
}

fn times(sample: &Sample) -> String {
    format!(
        "p50 {} ms, p99 {} ms",
        millis(sample.p50()),
        millis(sample.p99())
    )
}

fn rate(sample: &Sample) -> String {
    format!("{}/s, {}", sample.per_second(), times(sample))
}

/// All rows.
pub(super) fn lines(findings: &Findings, size: &Size) -> Vec<Line> {
    let mut lines = limits(findings, size);
    lines.extend(onboarding(findings, size));
    lines.extend(reads(findings, &findings.reads_few, size.few));
    lines.extend(reads(findings, &findings.reads_many, size.many));
    lines.extend(process(findings, size));
    lines
}

fn limits(findings: &Findings, size: &Size) -> Vec<Line> {
    let limits = &findings.limits;
    let line = |figure: String, sample: &Sample| Line::new(&figure, rate(sample));
    vec![
        line(
            format!("raw: commits, {} clients", raw::FEW),
            &limits.commits_few,
        ),
        line(
            format!("raw: commits, {} clients", raw::MANY),
            &limits.commits_many,
        ),
        line(
            "raw: gRPC over loopback, 1 client".to_owned(),
            &limits.grpc_one,
        ),
        line(
            format!("raw: gRPC over loopback, {} clients", size.clients),
            &limits.grpc_many,
        ),
        line(
            "raw: gRPC through a local link, 1 client".to_owned(),
            &limits.link,
        ),
        line(
            format!("raw: thin chain, {} clients", size.clients),
            &limits.chain,
        ),
    ]
}

fn onboarding(findings: &Findings, size: &Size) -> Vec<Line> {
    let chain = findings.limits.chain.per_second();
    let commits = findings.limits.commits_many.per_second() / COMMITS;
    let mut lines = Vec::new();
    for (there, found) in [
        (size.few, &findings.onboarding),
        (size.many, &findings.onboarding_many),
    ] {
        let accepted = found.accepted.per_second();
        lines.push(
            Line::new(
                &format!("customers accepted, {there} there before"),
                rate(&found.accepted),
            )
            .beside("thin chain", accepted, chain)
            .goal(
                format!("≥ {} × thin chain", hundredths(ACCEPT_GOAL)),
                accepted * 100 >= chain * ACCEPT_GOAL,
            ),
        );
        let provisioned = found.provisioned;
        lines.push(
            Line::new(
                &format!("customers provisioned, {there} there before"),
                format!("{provisioned}/s"),
            )
            .beside(&format!("commits ÷ {COMMITS}"), provisioned, commits)
            .goal(
                format!("≥ {} × commits ÷ {COMMITS}", hundredths(PROVISION_GOAL)),
                provisioned * 100 >= commits * PROVISION_GOAL,
            ),
        );
    }
    let created = &findings.subscribers;
    lines.push(Line::new("subscribers created", rate(created)).beside(
        "thin chain",
        created.per_second(),
        chain,
    ));
    lines
}

fn reads(findings: &Findings, reads: &Reads, there: u64) -> Vec<Line> {
    let (one, many) = (
        findings.limits.grpc_one.per_second(),
        findings.limits.grpc_many.per_second(),
    );
    let line = |what: &str, sample: &Sample, limit: u64| {
        Line::new(&format!("{what}, {there} customers"), rate(sample)).beside(
            "gRPC",
            sample.per_second(),
            limit,
        )
    };
    vec![
        line("GET one, 1 client", &reads.get_one, one),
        line("GET one, all clients", &reads.get_many, many),
        line("list of 100, 1 client", &reads.list_one, one),
        line("list of 100, all clients", &reads.list_many, many),
    ]
}

fn process(findings: &Findings, size: &Size) -> Vec<Line> {
    let seconds = |duration: Duration| format!("{} ms", micros(duration) / 1000);
    let quick = |duration: Duration| micros(duration) <= START_GOAL * 1000;
    let start_goal = format!("≤ {START_GOAL} ms");
    let megabytes = |kilobytes: u64| kilobytes.div_ceil(1024);
    let memory_goal = format!("≤ {MEMORY_GOAL} MB");
    let small = |kilobytes: u64| megabytes(kilobytes) <= MEMORY_GOAL;
    let (idle, loaded) = (findings.idle, findings.loaded);
    vec![
        Line::new("start, cold (initdb, schemas)", seconds(findings.cold)),
        Line::new("start, warm", seconds(findings.warm))
            .goal(start_goal.clone(), quick(findings.warm)),
        Line::new(
            &format!("start, warm, {} customers", size.many),
            seconds(findings.warm_many),
        )
        .goal(start_goal, quick(findings.warm_many)),
        Line::new(
            "resident memory, idle",
            format!("{} MB", megabytes(idle.now)),
        )
        .goal(memory_goal.clone(), small(idle.now)),
        Line::new(
            "resident memory, after the load",
            format!(
                "{} MB, at most {} MB",
                megabytes(loaded.now),
                megabytes(loaded.peak)
            ),
        )
        .goal(memory_goal, small(loaded.peak)),
    ]
}

/// The table for a terminal.
pub(super) fn table(lines: &[Line]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(HEAD);
    for line in lines {
        table.add_row(line.cells());
    }
    table.to_string()
}

/// What the figures rest on.
pub(super) fn story(findings: &Findings, size: &Size) -> String {
    format!(
        "Closed loops of {} clients unless said otherwise. Provisioning goes on while customers are \
         accepted, so both rates share the machine; it counts from the first POST until the last \
         customer is `provisioned`, on the list that comes with the platform. One customer needs \
         {COMMITS} commits: accepted, screened, organization made, entitled, finished; the event feed \
         shares its own among many. The database counted {} for each customer of the measured round. \
         The customers beyond those created through the API, up to {}, are copies of one provisioned \
         row, written by SQL as the owner, all of one partner; only provisioning's tables hold them. \
         Pages begin anywhere in the list. The load, the platform and PostgreSQL share the machine.",
        size.clients, findings.work, size.many,
    )
}

/// Where text begins that is kept.
const NOTES: &str = "## Notes";

/// Writes the Markdown file.
pub(super) fn write(
    file: &Path,
    findings: &Findings,
    size: &Size,
    lines: &[Line],
) -> Result<(), BoxError> {
    let former = fs::read_to_string(file).unwrap_or_default();
    let notes = former.find(NOTES).and_then(|at| former.get(at..));
    let machine = &findings.machine;
    let mut text = format!(
        "# Benchmark\n\n\
         Written by `entrepot bench --out`.\n\n\
         * date: {}\n\
         * machine: {}, {} processors, {} MB of memory\n\
         * PostgreSQL {}, private cluster, every commit flushed to the disk\n\
         * build: {}\n\
         * load average before: {}; after: {}\n\n",
        machine.at.format("%Y-%m-%d %H:%M UTC"),
        machine.processor,
        machine.processors,
        machine.memory,
        machine.postgresql,
        machine.build,
        machine.load,
        machine::load(),
    );
    let row = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    text.push_str(&row(&HEAD));
    text.push_str(&row(&["---"; 6]));
    for line in lines {
        text.push_str(&row(&line.cells()));
    }
    text.push('\n');
    text.push_str(&story(findings, size));
    text.push('\n');
    if let Some(notes) = notes {
        text.push('\n');
        text.push_str(notes);
    }
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(file, text)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_without_rounding_up_to_a_goal() {
        assert_eq!(hundredths(7), "0.07");
        assert_eq!(hundredths(140), "1.40");
        assert_eq!(millis(1_234), "1.24");
        assert_eq!(millis(9), "0.01");
    }

    #[test]
    fn a_goal_is_judged_by_the_figure_beside_its_limit() {
        let line = Line::new("accepted", "39/s".to_owned())
            .beside("thin chain", 39, 100)
            .goal("≥ 0.40".to_owned(), 39 >= 40);
        let cells = [
            "accepted",
            "39/s",
            "100/s thin chain",
            "0.39",
            "≥ 0.40",
            "no",
        ];
        assert_eq!(line.cells(), cells);
    }
}
