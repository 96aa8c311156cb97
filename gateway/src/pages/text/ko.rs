//! Korean.

use super::{Notice, Notices, Problems, Text};

pub(super) static TEXT: Text = Text {
    language: "ko",
    sign_in: "로그인",
    continue_to: "{}(으)로 계속",
    email: "이메일 주소",
    next: "다음",
    enter_password: "비밀번호 입력",
    password: "비밀번호",
    password_hint: "일회용 비밀번호를 받았다면 여기에 입력하세요.",
    other_address: "다른 주소 사용",
    choose_password: "비밀번호 설정",
    password_rule: "12자 이상이어야 합니다. 나만 떠올릴 수 있는 단어 몇 개를 조합하면 기억하기 쉽고 추측하기 어렵습니다.",
    new_password: "새 비밀번호",
    repeated: "새 비밀번호 다시 입력",
    save: "저장하고 로그인",
    busy: "지금 많은 사용자가 로그인하고 있습니다. 잠시 후 다시 시도하세요.",
    account: "내 계정",
    sessions: "로그인된 위치",
    this_browser: "이 브라우저",
    last_used: "마지막 사용: {}",
    end: "로그아웃",
    end_session: "{}에서 로그아웃",
    sign_out: "이 브라우저에서 로그아웃",
    test_result: "테스트 결과",
    begin_again: "처음부터 다시",
    reference: "참조 번호",
    signed_out: Notice {
        title: "로그아웃되었습니다",
        message: "이 브라우저에서는 더 이상 계정을 사용할 수 없습니다.",
    },
    problems: Problems {
        wrong_credentials: "이메일 주소와 비밀번호가 일치하지 않습니다.",
        too_many_tries: "시도 횟수가 너무 많습니다. 잠시 기다린 후 다시 시도하세요.",
        invalid_email: "올바른 이메일 주소가 아닙니다.",
        too_short: "비밀번호는 12자 이상이어야 합니다.",
        too_long: "비밀번호는 128자 이하여야 합니다.",
        too_common: "흔히 쓰이는 비밀번호 목록에 있습니다. 다른 비밀번호를 선택하세요.",
        is_address: "이메일 주소를 비밀번호로 사용할 수 없습니다.",
        differ: "두 비밀번호가 서로 다릅니다.",
        ended: "시간이 너무 오래 걸렸습니다. 처음부터 다시 시작하세요.",
        other: "처리하지 못했습니다. 다시 시도하세요.",
    },
    notices: Notices {
        unreadable: Notice {
            title: "읽을 수 없습니다",
            message: "브라우저가 보낸 내용이 이 사이트의 양식이 아닙니다.",
        },
        foreign: Notice {
            title: "이 양식은 유효하지 않습니다",
            message: "다른 페이지에서 왔거나 너무 오래되었습니다.",
        },
        missing: Notice {
            title: "페이지가 없습니다",
            message: "이 페이지는 존재하지 않습니다.",
        },
        too_many: Notice {
            title: "요청이 너무 많습니다",
            message: "잠시 기다린 후 다시 시도하세요.",
        },
        unavailable: Notice {
            title: "지금은 사용할 수 없습니다",
            message: "잠시 후 다시 시도하세요.",
        },
        internal: Notice {
            title: "문제가 발생했습니다",
            message: "저희 쪽 문제입니다. 다시 시도하고, 계속 발생하면 아래 참조 번호를 관리자에게 알려 주세요.",
        },
        ended: Notice {
            title: "이 로그인은 끝났습니다",
            message: "시간이 너무 오래 걸렸거나 다른 창에서 완료되었습니다.",
        },
        client_unknown: Notice {
            title: "알 수 없는 애플리케이션",
            message: "여기로 보낸 애플리케이션이 등록되어 있지 않습니다. 해당 운영자에게 알려 주세요.",
        },
        redirect_unknown: Notice {
            title: "잘못된 반환 주소",
            message: "여기로 보낸 애플리케이션이 등록되지 않은 반환 주소를 지정했습니다. 해당 운영자에게 알려 주세요.",
        },
    },
};
