//! `entrepot.identity.v1.People`.

use std::sync::Arc;

use kit::{
    audit,
    auth::{Caller, CallerKind},
    email::Email,
    fault::{Violations, reason},
    time::to_proto,
};
use proto::identity::v1::{
    CheckEmailRequest, CheckEmailResponse, CheckEmailsRequest, CheckEmailsResponse,
    EnrolPersonRequest, GetPersonRequest, Person, people_server,
};
use tonic::{Request, Response, Status};

use super::{given, reach, target, uuid};
use crate::{
    app::{
        self, State,
        check_email::{Question, Standing},
    },
    domain::{
        organization::OrganizationId,
        person::{self, Newcomer, parse_email},
        scope,
    },
    error::Error,
};

/// Most addresses that are asked for at once.
const MOST_QUESTIONS: usize = 100;

/// The service.
#[derive(Debug)]
pub(crate) struct People(pub(crate) Arc<State>);

#[tonic::async_trait]
impl people_server::People for People {
    async fn enrol_person(
        &self,
        request: Request<EnrolPersonRequest>,
    ) -> Result<Response<Person>, Status> {
        let caller = Caller::of(&request)?;
        caller.require_kind(CallerKind::Service)?;
        let request = request.into_inner();
        let mut wrong = Violations::default();
        let (first, last) = (&request.first_name, &request.last_name);
        let new = Newcomer::parse(&mut wrong, &request.email, first, last);
        Error::check(wrong)?;
        let new = new.ok_or(Error::Missing("person"))?;
        let partner = target(&request.partner_id, "organization")?;
        let organization = target(&request.organization_id, "organization")?;
        let act = audit::by(&caller, "person.enrolled");
        let person =
            app::enrol_person::enrol_person(&self.0, partner, organization, &new, act).await?;
        Ok(Response::new(message(person)))
    }

    async fn check_email(
        &self,
        request: Request<CheckEmailRequest>,
    ) -> Result<Response<CheckEmailResponse>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let request = request.into_inner();
        let mut wrong = Violations::default();
        let email = parse_email(&mut wrong, &request.email);
        let organization = asked_organization(&mut wrong, &request);
        Error::check(wrong)?;
        let email = email.ok_or(Error::Missing("e-mail address"))?;
        let asked = [Question {
            email,
            organization,
        }];
        let standings = app::check_email::check_emails(&self.0, &asked).await?;
        let standing = standings.first().copied().unwrap_or(Standing::Free);
        Ok(Response::new(answer(standing)))
    }

    async fn check_emails(
        &self,
        request: Request<CheckEmailsRequest>,
    ) -> Result<Response<CheckEmailsResponse>, Status> {
        Caller::of(&request)?.require_kind(CallerKind::Service)?;
        let questions = request.into_inner().questions;
        let mut wrong = Violations::default();
        wrong.check(
            questions.len() <= MOST_QUESTIONS,
            "questions",
            reason::TOO_LONG,
            "at most 100 addresses at once",
        );
        Error::check(wrong)?;

        let mut wrong = Violations::default();
        let parsed: Vec<Option<Question>> = questions
            .iter()
            .map(|asked| {
                let organization = asked_organization(&mut wrong, asked);
                Email::parse(&asked.email).map(|email| Question {
                    email,
                    organization,
                })
            })
            .collect();
        Error::check(wrong)?;
        let asked: Vec<Question> = parsed.iter().flatten().cloned().collect();
        let mut standings = app::check_email::check_emails(&self.0, &asked)
            .await?
            .into_iter();
        let answers = parsed
            .iter()
            .map(|asked| {
                let standing = asked.as_ref().and_then(|_| standings.next());
                answer(standing.unwrap_or(Standing::Free))
            })
            .collect();
        Ok(Response::new(CheckEmailsResponse { answers }))
    }

    async fn get_person(
        &self,
        request: Request<GetPersonRequest>,
    ) -> Result<Response<Person>, Status> {
        let reach = reach(&Caller::of(&request)?, scope::PEOPLE_READ)?;
        let id = uuid(&request.get_ref().person_id, "person")?;
        let found = app::read::person(&self.0, reach, id).await?;
        Ok(Response::new(message(found)))
    }
}

/// The organization of a question, if one is named.
fn asked_organization(wrong: &mut Violations, asked: &CheckEmailRequest) -> Option<OrganizationId> {
    match asked.organization_id.as_str() {
        "" => None,
        id => given(wrong, "orgId", id),
    }
}

fn answer(standing: Standing) -> CheckEmailResponse {
    CheckEmailResponse {
        taken_elsewhere: standing == Standing::Elsewhere,
        known_here: standing == Standing::Here,
    }
}

fn message(person: person::Person) -> Person {
    Person {
        person_id: person.id.to_string(),
        organization_id: person.organization_id.to_string(),
        email: person.email,
        first_name: person.first_name,
        last_name: person.last_name,
        administrator: person.administrator,
        created_at: Some(to_proto(person.created_at)),
    }
}
