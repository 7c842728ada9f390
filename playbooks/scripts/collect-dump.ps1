# bootmedic: id=collect-dump; safety=consent; origin=doc
# writes: nothing
# undone by: nothing to undo
# Finds the memory dump of the crash, reads its header, and uploads it when a SAS was given (that is the consent). Reads the disk only.
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

function Send-Request {
    # PUT with a few tries; the address carries the signature, so it is never printed.
    param([string] $Query, [byte[]] $Body, [hashtable] $Headers)
    for ($try = 1; ; $try++) {
        try {
            $null = Invoke-WebRequest -Uri ($DumpUri + $Query) -Method Put -Body $Body -Headers $Headers -ContentType 'application/octet-stream' -TimeoutSec 300 -UseBasicParsing
            return
        }
        catch {
            if ($try -ge 5) { Stop-Script -Code 'upload-failed' -Message "the upload failed: $($_.Exception.Message)" }
            Write-Line -Text "try ${try}: $($_.Exception.Message)"
            Start-Sleep -Seconds ([Math]::Pow(2, $try - 1))
        }
    }
}

function Send-Dump {
    # Block by block, each with its MD5, then the list of blocks; answers the SHA-256 of everything sent. A second run writes the same blob.
    param($Dump)
    $null = $script:Secrets.Add($DumpUri)
    [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
    # 50,000 blocks are the most a blob may have.
    $size = [long] [Math]::Max(8mb, [Math]::Ceiling($Dump.Length / 50000))
    $buffer = New-Object -TypeName byte[] -ArgumentList $size
    $sha = [System.Security.Cryptography.SHA256]::Create()
    $md5 = [System.Security.Cryptography.MD5]::Create()
    $list = New-Object -TypeName System.Text.StringBuilder -ArgumentList '<?xml version="1.0" encoding="utf-8"?><BlockList>'
    $stream = [System.IO.File]::Open((Get-NativePath -Path $Dump.Path), 'Open', 'Read', 'ReadWrite')
    try {
        $sent = [long] 0
        for ($block = 0; $sent -lt $Dump.Length; $block++) {
            $want = [int] [Math]::Min($size, $Dump.Length - $sent)
            $count = 0
            while ($count -lt $want) {
                $read = $stream.Read($buffer, $count, $want - $count)
                if ($read -eq 0) { Stop-Script -Code 'upload-failed' -Message "$($Dump.GuestPath) ends at $($sent + $count) of $($Dump.Length) bytes" }
                $count += $read
            }
            $body = $buffer
            if ($count -lt $size) { $body = New-Object -TypeName byte[] -ArgumentList $count; [Array]::Copy($buffer, $body, $count) }
            $null = $sha.TransformBlock($body, 0, $count, $null, 0)
            $id = [Convert]::ToBase64String([System.Text.Encoding]::ASCII.GetBytes('{0:d8}' -f $block))
            Send-Request -Query "&comp=block&blockid=$([Uri]::EscapeDataString($id))" -Body $body -Headers @{ 'Content-MD5' = [Convert]::ToBase64String($md5.ComputeHash($body)) }
            $null = $list.Append("<Latest>$id</Latest>")
            $sent += $count
            Write-Step -Text ('dump {0:d} of {1:d} MB' -f [long] ($sent / 1mb), [long] ($Dump.Length / 1mb))
        }
        $null = $sha.TransformFinalBlock((New-Object -TypeName byte[] -ArgumentList 0), 0, 0)
    }
    finally {
        $stream.Dispose()
    }
    $null = $list.Append('</BlockList>')
    Send-Request -Query '&comp=blocklist' -Body ([System.Text.Encoding]::UTF8.GetBytes($list.ToString())) -Headers @{ 'x-ms-blob-content-type' = 'application/octet-stream' }
    [BitConverter]::ToString($sha.Hash).Replace('-', '').ToLowerInvariant()
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
