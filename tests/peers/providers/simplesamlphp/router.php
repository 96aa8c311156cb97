<?php
// PHP's own server: /simplesaml/… is the package's directory `www`.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$www = '/usr/share/simplesamlphp/www';
$rest = substr($path, strlen('/simplesaml'));
if (!preg_match('#^(/.*?\.php)(/.*)?$#', $rest, $found) || !is_file($www . $found[1])) {
    http_response_code(404);
    return true;
}
$_SERVER['SCRIPT_NAME'] = '/simplesaml' . $found[1];
$_SERVER['PHP_SELF'] = $_SERVER['SCRIPT_NAME'] . ($found[2] ?? '');
$_SERVER['SCRIPT_FILENAME'] = $www . $found[1];
$_SERVER['PATH_INFO'] = $found[2] ?? '';
chdir(dirname($www . $found[1]));
require $www . $found[1];
