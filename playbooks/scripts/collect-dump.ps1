# bootmedic: id=collect-dump; safety=consent; origin=doc
# writes: nothing
# undone by: nothing to undo
# Finds the memory dump of the crash, reads its header, and uploads it when a SAS was given (that is the consent). Reads the disk only. The SAS
# names one blob and may only write: a run that was cut off is resumed by a note of the blocks that arrived, kept on the repair VM.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId,
    [AllowEmptyString()] [string] $DumpUri = '',
    [AllowEmptyString()] [string] $IncidentUtc = ''
)

# A dump this much older than the incident is of another crash.
$maxAge = New-TimeSpan -Days 7
# Blocks under way at once, and how often one is tried.
$atOnce = 4
$tries = 8

function Get-ConfiguredDump {
    # A hive that does not load must not keep the dump from being found in its usual places.
    param([hashtable] $Disk)
    try {
        Invoke-WithHive -Path (Get-HivePath -Disk $Disk -Name 'SYSTEM') -Body {
            param($Key)
            Get-DumpSetting -Key "$Key\$((Get-ControlSet -Key $Key).Default)\Control\CrashControl"
        }
    }
    catch {
        if ($_.Exception.Data['bootmedic'] -ne 'hive-damaged') { throw }
        Add-Caution -Text "$($_.Exception.Message): only the usual places are searched"
        [pscustomobject]@{ Dedicated = ''; Dump = '' }
    }
}

function Select-Dump {
    # The first in order that is not of an older crash; $null = none.
    param($Dumps)
    $limit = [DateTime]::MinValue
    if ($IncidentUtc) {
        $incident = [DateTime]::Parse($IncidentUtc, [System.Globalization.CultureInfo]::InvariantCulture, 'AdjustToUniversal, AssumeUniversal')
        $limit = $incident - $maxAge
    }
    foreach ($dump in $Dumps) {
        if ($null -eq $dump.Time -or $dump.Time -ge $limit) { return $dump }
        Add-Caution -Text "$($dump.GuestPath) is of $($dump.Time.ToString('o')): older than the incident"
    }
}

function Open-Client {
    # .NET's own client: several requests under way at once, without a job or a runspace, in Windows PowerShell 5.1 too.
    Add-Type -AssemblyName System.Net.Http
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    # Two to a host is the default.
    [Net.ServicePointManager]::DefaultConnectionLimit = 4 * $atOnce
    $client = New-Object -TypeName System.Net.Http.HttpClient
    $client.Timeout = New-TimeSpan -Seconds 300
    $client
}

function Start-Put {
    # Begins a PUT; its Task is waited for elsewhere. The address carries the signature, so it is never printed.
    param($Client, $Request)
    $message = New-Object -TypeName System.Net.Http.HttpRequestMessage -ArgumentList ([System.Net.Http.HttpMethod]::Put), ($DumpUri + $Request.Query)
    $message.Content = New-Object -TypeName System.Net.Http.ByteArrayContent -ArgumentList (, $Request.Body)
    $message.Content.Headers.ContentType = [System.Net.Http.Headers.MediaTypeHeaderValue]::Parse('application/octet-stream')
    $message.Content.Headers.ContentMD5 = $Request.Md5
    foreach ($name in @($Request.Headers.Keys)) { $message.Headers.Add($name, $Request.Headers[$name]) }
    $Request.Tries++
    $Request.Task = $Client.SendAsync($message)
}

function Get-Answer {
    # Of a Task that is over: { Done, Again (worth another try), Wait (seconds the service asks for), Code, Text }.
    param($Task)
    if ($Task.IsCanceled) { return [pscustomobject]@{ Done = $false; Again = $true; Wait = 0; Code = ''; Text = 'no answer within 300 s' } }
    if ($Task.IsFaulted) {
        return [pscustomobject]@{ Done = $false; Again = $true; Wait = 0; Code = ''; Text = $Task.Exception.GetBaseException().Message }
    }
    $response = $Task.Result
    try {
        $status = [int] $response.StatusCode
        $code = ''
        if ($response.Headers.Contains('x-ms-error-code')) { $code = @($response.Headers.GetValues('x-ms-error-code'))[0] }
        $wait = 0
        $after = $response.Headers.RetryAfter
        if ($null -ne $after -and $null -ne $after.Delta) { $wait = $after.Delta.TotalSeconds }
        elseif ($null -ne $after -and $null -ne $after.Date) { $wait = ($after.Date - [DateTimeOffset]::UtcNow).TotalSeconds }
        # A block that arrived with other bytes than it was sent with is sent again.
        $again = $status -ge 500 -or @(408, 429) -contains $status -or $code -eq 'Md5Mismatch'
        [pscustomobject]@{ Done = ($status -eq 201); Again = $again; Wait = $wait; Code = $code; Text = "storage answered $status $code".Trim() }
    }
    finally {
        $response.Dispose()
    }
}

function Wait-Put {
    # Waits for the first of the requests to be over, and answers it; one that failed and may succeed is sent again after a pause, in which
    # the others go on. A refusal, or too many tries, ends the script: what has arrived is noted, and the next run goes on from there.
    param($Client, $Requests)
    while ($true) {
        $first = [System.Threading.Tasks.Task]::WaitAny([System.Threading.Tasks.Task[]] @($Requests | ForEach-Object { $_.Task }))
        $request = @($Requests)[$first]
        $answer = Get-Answer -Task $request.Task
        if ($answer.Done -or $request.Missing -eq $answer.Code) { $request.Done = $answer.Done; return $request }
        if (-not $answer.Again -or $request.Tries -ge $tries) { Stop-Script -Code 'upload-failed' -Message "the upload failed: $($answer.Text)" }
        $pause = [Math]::Min(300, [Math]::Max($answer.Wait, [Math]::Min(60, [Math]::Pow(2, $request.Tries - 1))))
        Write-Line -Text "try $($request.Tries) of $($request.Name): $($answer.Text); again in $([Math]::Ceiling($pause)) s"
        Start-Sleep -Seconds ([int] [Math]::Ceiling($pause))
        Start-Put -Client $Client -Request $request
    }
}

function Get-NotePath {
    # Where the blocks that have arrived are noted: on the repair VM's own disk. The SAS may not read what is there, and the repair disk is
    # only read; it may also be a fresh copy when this script is run again.
    $sha = [System.Security.Cryptography.SHA256]::Create()
    $hash = [BitConverter]::ToString($sha.ComputeHash([System.Text.Encoding]::UTF8.GetBytes($DumpUri.Split('?')[0]))).Replace('-', '').Substring(0, 16)
    Join-Path -Path (Join-Path -Path (Join-Path -Path $env:SystemRoot -ChildPath 'Temp') -ChildPath "bootmedic-$RepairId") -ChildPath "upload-$hash.txt"
}

function Read-Note {
    # Ids of the blocks that arrived in an earlier run; a line that was cut off is no id.
    param([string] $Path)
    $ids = New-Object -TypeName System.Collections.Generic.HashSet[string]
    if (Test-Path -LiteralPath $Path -PathType Leaf) {
        foreach ($line in @(Get-Content -LiteralPath $Path -Encoding UTF8)) { if ("$line".Length -eq 56) { $null = $ids.Add($line) } }
    }
    , $ids
}

function Add-Note {
    # Written through to the disk: the VM may be gone the next moment.
    param([string] $Path, [string] $Id)
    $bytes = [System.Text.Encoding]::ASCII.GetBytes("$Id`n")
    $stream = New-Object -TypeName System.IO.FileStream -ArgumentList (Get-NativePath -Path $Path), 'Append', 'Write'
    try {
        $stream.Write($bytes, 0, $bytes.Length)
        $stream.Flush($true)
    }
    finally {
        $stream.Dispose()
    }
}

function Read-Block {
    # The next bytes of the dump.
    param($Stream, [int] $Length, $Dump)
    $body = New-Object -TypeName byte[] -ArgumentList $Length
    $count = 0
    while ($count -lt $Length) {
        $read = $Stream.Read($body, $count, $Length - $count)
        if ($read -eq 0) { Stop-Script -Code 'upload-failed' -Message "$($Dump.GuestPath) is shorter than its $($Dump.Length) bytes" }
        $count += $read
    }
    , $body
}

function Write-Share {
    # At most one line a percent.
    param([hashtable] $State, [long] $Length)
    $percent = [int] [Math]::Floor(100 * $State.Arrived / $Length)
    if ($percent -le $State.Percent) { return }
    $State.Percent = $percent
    $rate = $State.Sent / 1mb / [Math]::Max(0.001, $State.Watch.Elapsed.TotalSeconds)
    $numbers = @($percent, [long] ($State.Arrived / 1mb), [long] ($Length / 1mb), $rate)
    Write-Step -Text ([string]::Format([System.Globalization.CultureInfo]::InvariantCulture, 'dump {0} %, {1} of {2} MB, {3:0.0} MB/s', $numbers))
}

function Complete-Block {
    # Waits for one block to arrive and notes it.
    param($Client, $Requests, [string] $Note, [hashtable] $State, [long] $Length)
    $request = Wait-Put -Client $Client -Requests $Requests
    $Requests.Remove($request)
    Add-Note -Path $Note -Id $request.Id
    $State.Sent += $request.Body.Length
    $State.Arrived += $request.Body.Length
    Write-Share -State $State -Length $Length
}

function New-Put {
    # One request to send. Missing: the error code that says so, where the caller can do something about it.
    param([string] $Name, [string] $Id, [string] $Query, [byte[]] $Body, [hashtable] $Headers = @{}, [string] $Missing = 'none')
    $md5 = [System.Security.Cryptography.MD5]::Create()
    @{ Name = $Name; Id = $Id; Query = $Query; Body = $Body; Md5 = $md5.ComputeHash($Body); Headers = $Headers; Missing = $Missing; Tries = 0; Task = $null; Done = $false }
}

function Send-Block {
    # Every block that has not arrived yet, several at once, each with its MD5, which storage checks. A block's id is its number and its MD5,
    # so one that is there has these very bytes. Answers { Ids, Hash }: SHA-256 over the whole dump, which is read whole every time.
    param($Dump, $Client, [string] $Note, [bool] $Anew)
    # 50,000 blocks are the most a blob may have.
    $size = [long] [Math]::Max(8mb, [Math]::Ceiling($Dump.Length / 50000))
    $have = New-Object -TypeName System.Collections.Generic.HashSet[string]
    if (-not $Anew) { $have = Read-Note -Path $Note }
    $ids = New-Object -TypeName System.Collections.ArrayList
    $requests = New-Object -TypeName System.Collections.ArrayList
    $state = @{ Arrived = [long] 0; Sent = [long] 0; Percent = -1; Watch = [System.Diagnostics.Stopwatch]::StartNew() }
    $sha = [System.Security.Cryptography.SHA256]::Create()
    $stream = [System.IO.File]::Open((Get-NativePath -Path $Dump.Path), 'Open', 'Read', 'ReadWrite')
    try {
        $read = [long] 0
        while ($read -lt $Dump.Length) {
            $body = Read-Block -Stream $stream -Length ([int] [Math]::Min($size, $Dump.Length - $read)) -Dump $Dump
            $read += $body.Length
            $null = $sha.TransformBlock($body, 0, $body.Length, $null, 0)
            $request = New-Put -Name "block $($ids.Count)" -Body $body
            $text = '{0:d8}{1}' -f $ids.Count, [BitConverter]::ToString($request.Md5).Replace('-', '').ToLowerInvariant()
            $request.Id = [Convert]::ToBase64String([System.Text.Encoding]::ASCII.GetBytes($text))
            $request.Query = "&comp=block&blockid=$([Uri]::EscapeDataString($request.Id))"
            $null = $ids.Add($request.Id)
            if ($have.Contains($request.Id)) {
                $state.Arrived += $body.Length
                Write-Share -State $state -Length $Dump.Length
                continue
            }
            while ($requests.Count -ge $atOnce) { Complete-Block -Client $Client -Requests $requests -Note $Note -State $state -Length $Dump.Length }
            Start-Put -Client $Client -Request $request
            $null = $requests.Add($request)
        }
        while ($requests.Count -gt 0) { Complete-Block -Client $Client -Requests $requests -Note $Note -State $state -Length $Dump.Length }
        $null = $sha.TransformFinalBlock((New-Object -TypeName byte[] -ArgumentList 0), 0, 0)
    }
    finally {
        $stream.Dispose()
    }
    Write-Line -Text "$($ids.Count) blocks, $($have.Count) of them noted before"
    [pscustomobject]@{ Ids = $ids; Hash = [BitConverter]::ToString($sha.Hash).Replace('-', '').ToLowerInvariant() }
}

function Send-Dump {
    # The blocks, then the list that makes a blob of them, with the SHA-256 as its metadata; answers that hash. A second run sends what is missing.
    param($Dump)
    $null = $script:Secrets.Add($DumpUri)
    $client = Open-Client
    $note = Get-NotePath
    $null = New-Item -ItemType Directory -Path (Split-Path -Path $note -Parent) -Force
    try {
        for ($round = 1; ; $round++) {
            $sent = Send-Block -Dump $Dump -Client $client -Note $note -Anew ($round -gt 1)
            $list = '<?xml version="1.0" encoding="utf-8"?><BlockList><Latest>' + ($sent.Ids -join '</Latest><Latest>') + '</Latest></BlockList>'
            $headers = @{ 'x-ms-blob-content-type' = 'application/octet-stream'; 'x-ms-meta-sha256' = $sent.Hash }
            $commit = New-Put -Name 'the list of blocks' -Query '&comp=blocklist' -Body ([System.Text.Encoding]::UTF8.GetBytes($list)) -Headers $headers -Missing 'InvalidBlockList'
            Start-Put -Client $client -Request $commit
            $commit = Wait-Put -Client $client -Requests @($commit)
            if ($commit.Done) { return $sent.Hash }
            if ($round -ge 2) { Stop-Script -Code 'upload-failed' -Message 'storage does not know the blocks that have just arrived' }
            # Blocks that no list names are dropped after a week, or the blob was deleted: everything anew.
            Write-Line -Text 'storage does not know every block that was noted: all are sent again'
        }
    }
    finally {
        $client.Dispose()
    }
}

Invoke-Script -Name 'collect-dump' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return New-Outcome -Outcome 'nothing-to-do' -Code 'nothing-to-revert' }
        $dumps = @(Get-MemoryDump -Disk $Disk -Setting (Get-ConfiguredDump -Disk $Disk))
        $dump = Select-Dump -Dumps $dumps
        if ($null -eq $dump) {
            Add-Finding -Id 'no-dump' -Confidence 'certain' -Evidence "$($dumps.Count) dumps, none of this crash: dedicated dump file, MEMORY.DMP, pagefile.sys, DUMP*.tmp and Minidump were searched"
            return New-Outcome -Outcome 'not-applicable' -Code 'no-dump'
        }
        Add-Finding -Id 'dump' -Confidence 'certain' -Evidence "$($dump.GuestPath) $($dump.Length)"
        Add-Finding -Id 'dump-header' -Confidence 'certain' -Evidence $dump.Header
        if (-not $DumpUri) { return New-Outcome -Outcome 'nothing-to-do' -Code 'no-consent' }
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-upload' }
        $hash = Send-Dump -Dump $dump
        Add-Finding -Id 'dump-uploaded' -Confidence 'certain' -Evidence "$($dump.Length) sha256:$hash"
        Add-Action -What 'uploaded the memory dump' -Target $dump.GuestPath -Before $null -After "sha256:$hash" -Revertable $false
        New-Outcome -Outcome 'fixed' -Code 'dump-uploaded'
    }
}
