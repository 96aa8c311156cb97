<?php
// one person, who is always in
$config = [
    'alice' => [
        'exampleauth:StaticSource',
        'uid' => ['alice-at-simplesamlphp'],
        'mail' => ['alice@acme.example'],
        'givenName' => ['Alice'],
        'sn' => ['Ackermann'],
    ],
];
