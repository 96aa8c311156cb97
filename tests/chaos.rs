//! Faults under load, and what must be true after them.

mod back_office;
mod kills;
mod restarts;
