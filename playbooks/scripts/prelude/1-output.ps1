# ---------------------------------------------------------------------------------------------------------------------
# Output: plain ASCII lines, written past PowerShell's formatter (it wraps redirected text at the console's width).
# The last line is the result. Everything said passes through redaction, because it comes from somebody else's disk.
# ---------------------------------------------------------------------------------------------------------------------

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$script:Id = ''
$script:Findings = New-Object -TypeName System.Collections.ArrayList
$script:Actions = New-Object -TypeName System.Collections.ArrayList
$script:Warnings = New-Object -TypeName System.Collections.ArrayList
$script:Secrets = New-Object -TypeName System.Collections.ArrayList
$script:MaxText = 240
$script:MaxResult = 3000

function Protect-Text {
    # Hides what looks like a secret, then escapes everything that is not printable ASCII (valid inside JSON strings too).
    param([string] $Text)
    foreach ($secret in $script:Secrets) {
        $Text = $Text.Replace($secret, '***')
    }
    # A value in quotes may hold anything up to its closing quote, or to the end where the text was cut off.
    $Text = $Text -replace '(?i)((?<![a-z])(?:sig|pwd)|password|passwd|passphrase|secret|api_?key|account_?key|access_?key)(["'']?\s*[=:]\s*)("(?:[^"\\]|\\.)*"?|''[^'']*''?|[^\s&;,"'']+)', '$1$2***'
    $Text = $Text -replace '(?i)\b([a-z][a-z0-9+.-]{1,20}://)[^\s/"''<>]+@', '$1***@'
    # A BitLocker recovery key: eight groups of six digits.
    $Text = $Text -replace '(?<![0-9])[0-9]{6}(?:[- ][0-9]{6}){7}(?![0-9])', '***'
    $Text = $Text -replace '(?i)\bbearer\s+\S{16,}', 'Bearer ***'
    $Text -replace 'eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*', '***'
}

function ConvertTo-Ascii {
    # Everything else as \uXXXX, which JSON strings understand too.
    param([string] $Text)
    [regex]::Replace($Text, '[^\x20-\x7e]', { param($match) '\u{0:x4}' -f [int][char] $match.Value })
}

function Limit-Text {
    # Redacted, and short enough for the result line.
    param([string] $Text)
    $Text = Protect-Text -Text $Text
    if ($Text.Length -gt $script:MaxText) {
        return $Text.Substring(0, $script:MaxText - 3) + '...'
    }
    $Text
}

function Write-Line {
    # One line of the log, past the formatter.
    param([string] $Text)
    [Console]::Out.WriteLine((ConvertTo-Ascii -Text (Protect-Text -Text $Text)))
}

function Write-Step {
    # One line that the orchestration shows while the script runs.
    param([string] $Text)
    Write-Line -Text ('BOOTMEDIC-PROGRESS ' + $Text)
}

function Add-Finding {
    # What was seen, for the result line and the log.
    param([string] $Id, [string] $Confidence, [string] $Evidence)
    $finding = [ordered]@{ id = $Id; confidence = $Confidence; evidence = (Limit-Text -Text $Evidence) }
    $null = $script:Findings.Add($finding)
    Write-Line -Text "finding ${Id}: $Evidence"
}

function Add-Action {
    # Before and After are texts or $null, so they are not typed: [string] would turn $null into ''.
    param([string] $What, [string] $Target, $Before, $After, [bool] $Revertable)
    if ($null -ne $Before) { $Before = Limit-Text -Text $Before }
    if ($null -ne $After) { $After = Limit-Text -Text $After }
    $action = [ordered]@{ what = $What; target = (Limit-Text -Text $Target); before = $Before; after = $After; revertable = $Revertable }
    $null = $script:Actions.Add($action)
    Write-Line -Text "action ${What}: $Target"
}

function Add-Caution {
    # What a person should know, for the result line and the log.
    param([string] $Text)
    $null = $script:Warnings.Add((Limit-Text -Text $Text))
    Write-Line -Text "warning: $Text"
}

function Stop-Script {
    # Ends the script with outcome "failed" and a code. Any other error ends it with exit code 1 and no result line.
    param([string] $Code, [string] $Message)
    $problem = New-Object -TypeName System.InvalidOperationException -ArgumentList $Message
    $problem.Data['bootmedic'] = $Code
    throw $problem
}

function New-Outcome {
    # How the body of a script ends: the outcome word and its code.
    param([string] $Outcome, [string] $Code)
    [pscustomobject]@{ Outcome = $Outcome; Code = $Code }
}

function Get-ResultLine {
    # At most 3 KB: the longest list loses its last entry until the line fits, and a warning says how many are missing.
    param([string] $Outcome, [string] $Code)
    $lists = [ordered]@{
        findings = [System.Collections.ArrayList] @($script:Findings)
        actions = [System.Collections.ArrayList] @($script:Actions)
        warnings = [System.Collections.ArrayList] @($script:Warnings)
    }
    $dropped = 0
    while ($true) {
        $warnings = @($lists.warnings)
        if ($dropped -gt 0) { $warnings += "$dropped more entries are in the log" }
        $result = [ordered]@{
            token = $Token; outcome = $Outcome; code = $Code
            findings = @($lists.findings); actions = @($lists.actions); warnings = $warnings
        }
        $line = 'BOOTMEDIC-RESULT ' + (ConvertTo-Ascii -Text (ConvertTo-Json -InputObject $result -Compress -Depth 5))
        if ($line.Length -le $script:MaxResult) { return $line }
        $longest = $lists.findings
        if ($lists.actions.Count -gt $longest.Count) { $longest = $lists.actions }
        if ($lists.warnings.Count -gt $longest.Count) { $longest = $lists.warnings }
        $longest.RemoveAt($longest.Count - 1)
        $dropped++
    }
}

function Invoke-Script {
    # Runs the body, which returns one New-Outcome, and ends the process with the result line as its last output.
    param([string] $Name, [scriptblock] $Body)
    $script:Id = $Name
    $status = 0
    try {
        Write-Line -Text "bootmedic $Name, mode $Mode, repair $RepairId, PowerShell $($PSVersionTable.PSVersion)"
        $end = @(& $Body)[-1]
        $line = Get-ResultLine -Outcome $end.Outcome -Code $end.Code
    }
    catch {
        $code = $_.Exception.Data['bootmedic']
        if ($code) {
            Add-Caution -Text $_.Exception.Message
            $line = Get-ResultLine -Outcome 'failed' -Code $code
        }
        else {
            $line = "unexpected: $($_.Exception.Message) $($_.InvocationInfo.PositionMessage)"
            $line = ConvertTo-Ascii -Text (Protect-Text -Text $line)
            $status = 1
        }
    }
    [Console]::Out.WriteLine($line)
    [Console]::Out.Flush()
    exit $status
}
