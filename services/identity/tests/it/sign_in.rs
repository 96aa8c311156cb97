//! People sign in.

mod browser;
mod flow;
mod limits;
mod one_time_password;
mod session;
