<?php
// the service under test, as it describes itself, and what it wants signed
$file = getenv('PEER_HOME') . '/service.json';
if (is_file($file)) {
    $service = json_decode(file_get_contents($file), true);
    $metadata[$service['entity_id']] = [
        'AssertionConsumerService' => $service['acs'],
        'SingleLogoutService' => $service['slo'],
        'certData' => $service['certificate'],
        'validate.authnrequest' => true,
        'validate.logout' => true,
        'sign.logout' => true,
        'redirect.sign' => true,
        'saml20.sign.response' => $service['response'],
        'saml20.sign.assertion' => $service['assertion'],
        'assertion.encryption' => $service['encrypt'],
        'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        'attributes' => ['mail', 'givenName', 'sn'],
    ];
}
