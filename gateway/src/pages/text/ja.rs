//! Japanese.

use super::{Notice, Notices, Problems, Text};

pub(super) static TEXT: Text = Text {
    language: "ja",
    sign_in: "サインイン",
    continue_to: "{} に進みます",
    email: "メール アドレス",
    next: "次へ",
    enter_password: "パスワードの入力",
    password: "パスワード",
    password_hint: "ワンタイム パスワードを受け取った場合は、ここに入力してください。",
    other_address: "別のアドレスを使用",
    choose_password: "パスワードの設定",
    password_rule: "12 文字以上で設定してください。自分だけが思いつく単語をいくつか組み合わせると、覚えやすく推測されにくくなります。",
    new_password: "新しいパスワード",
    repeated: "新しいパスワード（確認）",
    save: "保存してサインイン",
    busy: "ただいまサインインが混み合っています。しばらくしてからもう一度お試しください。",
    account: "アカウント",
    sessions: "サインイン中の場所",
    this_browser: "このブラウザ",
    last_used: "最終使用: {}",
    end: "サインアウト",
    end_session: "{} からサインアウト",
    sign_out: "このブラウザからサインアウト",
    test_result: "テストの結果",
    begin_again: "最初からやり直す",
    reference: "参照番号",
    signed_out: Notice {
        title: "サインアウトしました",
        message: "このブラウザからアカウントを使用することはできなくなりました。",
    },
    problems: Problems {
        wrong_credentials: "メール アドレスとパスワードが一致しません。",
        too_many_tries: "試行回数が多すぎます。しばらく待ってからもう一度お試しください。",
        invalid_email: "メール アドレスの形式が正しくありません。",
        too_short: "パスワードは 12 文字以上で入力してください。",
        too_long: "パスワードは 128 文字以内で入力してください。",
        too_common: "このパスワードはよく使われるパスワードの一覧に含まれています。別のパスワードを選んでください。",
        is_address: "メール アドレスをパスワードにすることはできません。",
        differ: "2 つのパスワードが一致しません。",
        ended: "時間がかかりすぎました。最初からやり直してください。",
        other: "処理できませんでした。もう一度お試しください。",
    },
    notices: Notices {
        unreadable: Notice {
            title: "読み取れませんでした",
            message: "ブラウザから送信された内容は、このサイトのフォームではありません。",
        },
        foreign: Notice {
            title: "このフォームは無効です",
            message: "別のページから送信されたか、古くなっています。",
        },
        missing: Notice {
            title: "ページがありません",
            message: "このページは存在しません。",
        },
        too_many: Notice {
            title: "リクエストが多すぎます",
            message: "しばらく待ってからもう一度お試しください。",
        },
        unavailable: Notice {
            title: "現在ご利用いただけません",
            message: "しばらくしてからもう一度お試しください。",
        },
        internal: Notice {
            title: "問題が発生しました",
            message: "こちら側の問題です。もう一度お試しください。繰り返し発生する場合は、下の参照番号を管理者にお伝えください。",
        },
        ended: Notice {
            title: "このサインインは終了しています",
            message: "時間がかかりすぎたか、別のウィンドウで完了しています。",
        },
        client_unknown: Notice {
            title: "不明なアプリケーション",
            message: "ここに移動させたアプリケーションは登録されていません。その運営者にお知らせください。",
        },
        redirect_unknown: Notice {
            title: "戻り先アドレスの誤り",
            message: "ここに移動させたアプリケーションが、登録されていない戻り先アドレスを指定しました。その運営者にお知らせください。",
        },
    },
};
