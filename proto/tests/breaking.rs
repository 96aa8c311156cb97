//! What was released stays readable: the contract of today against `baseline.bin`, the descriptors of the
//! last release.
//!
//! After a release, or after a change that was agreed on, the baseline is renewed with
//! `cargo run -p proto --example baseline`; its diff in a review shows that somebody meant it.

use prost_reflect::{
    DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor,
};

fn was() -> DescriptorPool {
    DescriptorPool::decode(include_bytes!("../baseline.bin").as_slice()).expect("descriptors")
}

fn is() -> DescriptorPool {
    DescriptorPool::decode(proto::DESCRIPTORS).expect("the build wrote them")
}

fn of_a_field(field: &FieldDescriptor) -> String {
    let kind = match field.kind() {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(kind) => kind.full_name().to_owned(),
        scalar => format!("{scalar:?}").to_lowercase(),
    };
    let oneof = field.containing_oneof();
    let oneof = oneof.map_or_else(String::new, |oneof| format!(" in {}", oneof.name()));
    format!("{} {:?} {kind}{oneof}", field.name(), field.cardinality())
}

fn of_a_method(method: &MethodDescriptor) -> String {
    format!(
        "{}{} -> {}{}",
        if method.is_client_streaming() {
            "stream "
        } else {
            ""
        },
        method.input().full_name(),
        if method.is_server_streaming() {
            "stream "
        } else {
            ""
        },
        method.output().full_name(),
    )
}

/// What a reader of the old contract would miss in the new one.
fn breaks(was: &DescriptorPool, is: &DescriptorPool) -> Vec<String> {
    let mut found = Vec::new();
    for old in was.all_messages() {
        match is.get_message_by_name(old.full_name()) {
            Some(new) => of_message(&old, &new, &mut found),
            None => found.push(format!("{}: message removed", old.full_name())),
        }
    }
    for old in was.all_enums() {
        match is.get_enum_by_name(old.full_name()) {
            Some(new) => of_enum(&old, &new, &mut found),
            None => found.push(format!("{}: enum removed", old.full_name())),
        }
    }
    for old in was.services() {
        let Some(new) = is.get_service_by_name(old.full_name()) else {
            found.push(format!("{}: service removed", old.full_name()));
            continue;
        };
        for old in old.methods() {
            let new = new.methods().find(|new| new.name() == old.name());
            let (old_form, new_form) = (of_a_method(&old), new.as_ref().map(of_a_method));
            match new_form {
                Some(new_form) if new_form == old_form => {}
                Some(new_form) => {
                    found.push(format!(
                        "{}: was {old_form}, is {new_form}",
                        old.full_name()
                    ));
                }
                None => found.push(format!("{}: rpc removed", old.full_name())),
            }
        }
    }
    found
}

fn of_message(old: &MessageDescriptor, new: &MessageDescriptor, found: &mut Vec<String>) {
    for old in old.fields() {
        let (name, number) = (old.full_name(), old.number());
        let Some(new) = new.get_field(number) else {
            found.push(format!("{name}: number {number} removed"));
            continue;
        };
        let (old_form, new_form) = (of_a_field(&old), of_a_field(&new));
        if old_form != new_form {
            found.push(format!("{name}: {number} was {old_form}, is {new_form}"));
        }
    }
}

fn of_enum(old: &EnumDescriptor, new: &EnumDescriptor, found: &mut Vec<String>) {
    for old in old.values() {
        let new = new.get_value(old.number());
        let new = new.as_ref().map(|new| new.name());
        if new != Some(old.name()) {
            found.push(format!(
                "{}: {} is now {new:?}",
                old.full_name(),
                old.number()
            ));
        }
    }
}

#[test]
fn nothing_that_was_released_is_removed_renamed_retyped_or_renumbered() {
    let found = breaks(&was(), &is());
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// A contract of one message with one field.
fn small(field: &str) -> DescriptorPool {
    use prost_reflect::prost_types::{
        DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
        field_descriptor_proto::{Label, Type},
    };
    let mut words = field.split(' ');
    let (kind, name, number) = (words.next(), words.next(), words.next());
    let mut made = FieldDescriptorProto {
        name: name.map(str::to_owned),
        number: number.and_then(|number| number.parse().ok()),
        ..FieldDescriptorProto::default()
    };
    made.set_label(Label::Optional);
    made.set_type(if kind == Some("string") {
        Type::String
    } else {
        Type::Int64
    });
    let message = DescriptorProto {
        name: Some("Thing".to_owned()),
        field: vec![made],
        ..DescriptorProto::default()
    };
    let file = FileDescriptorProto {
        name: Some("thing.proto".to_owned()),
        syntax: Some("proto3".to_owned()),
        message_type: vec![message],
        ..FileDescriptorProto::default()
    };
    DescriptorPool::from_file_descriptor_set(FileDescriptorSet { file: vec![file] })
        .expect("a contract")
}

#[test]
fn each_kind_of_break_is_seen() {
    let was = small("string name 1");
    assert_eq!(breaks(&was, &small("string name 1")), [""; 0]);
    for (change, what) in [
        ("string title 1", "renamed"),
        ("int64 name 1", "retyped"),
        ("string name 2", "renumbered or removed"),
    ] {
        assert_eq!(breaks(&was, &small(change)).len(), 1, "{what}");
    }
    assert_eq!(
        breaks(&was, &DescriptorPool::new()).len(),
        1,
        "a message removed"
    );
}
