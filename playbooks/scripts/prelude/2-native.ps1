# ---------------------------------------------------------------------------------------------------------------------
# Windows' own tools: by full path, with an argument array, output decoded, exit code looked at by the caller.
# ---------------------------------------------------------------------------------------------------------------------

function Get-NativePath {
    # The path as .NET knows it (PowerShell's drives and the process's current folder are not .NET's).
    param([string] $Path)
    $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
}

function Invoke-Native {
    # Answers { ExitCode, Lines }. SFC prints UTF-16 when redirected (-Unicode); where no console is there to be told so,
    # the zero bytes are dropped. No decision rests on these texts: they are localised. -Quiet keeps them out of the log.
    param([string] $Tool, [string[]] $Arguments, [switch] $Unicode, [switch] $Quiet)
    # In a 32-bit process System32 would silently mean SysWOW64.
    $folder = 'System32'
    if ([Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess) { $folder = 'Sysnative' }
    $file = Join-Path -Path (Join-Path -Path $env:SystemRoot -ChildPath $folder) -ChildPath "$Tool.exe"
    if (-not (Test-Path -LiteralPath $file -PathType Leaf)) { Stop-Script -Code 'tool-missing' -Message "the repair VM has no $file" }
    Write-Line -Text "> $Tool $($Arguments -join ' ')"

    # Windows PowerShell turns a native tool's error output into errors; here the exit code counts.
    $ErrorActionPreference = 'Continue'
    $encoding = [Console]::OutputEncoding
    # A tool that does not start leaves the exit code of the one before.
    $global:LASTEXITCODE = -1
    try {
        if ($Unicode) {
            try { [Console]::OutputEncoding = [System.Text.Encoding]::Unicode } catch { Write-Line -Text 'no console to set the encoding of' }
        }
        $output = & $file @Arguments 2>&1
        $exitCode = $LASTEXITCODE
    }
    finally {
        if ($Unicode) {
            try { [Console]::OutputEncoding = $encoding } catch { Write-Line -Text 'no console to set the encoding of' }
        }
    }
    $lines = @($output | ForEach-Object { "$_".Replace("`0", '').Trim("`r", "`n") } | Where-Object { $_.Trim() })
    if (-not $Quiet) {
        foreach ($text in @($lines | Select-Object -Last 40)) { Write-Line -Text "  $text" }
    }
    Write-Line -Text "  exit code $exitCode"
    [pscustomobject]@{ ExitCode = $exitCode; Lines = $lines }
}

function New-TemporaryFolder {
    # On the repair VM's own disk.
    $path = Join-Path -Path ([IO.Path]::GetTempPath()) -ChildPath ('bootmedic-' + [guid]::NewGuid().ToString('N'))
    $null = New-Item -ItemType Directory -Path $path
    $path
}
